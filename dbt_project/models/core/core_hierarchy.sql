-- Who stands anywhere above whom, on which days: edges followed upwards as long as their spans overlap. A way that
-- comes back to where it began is kept as a cycle, with the members that it passed, and ends there; one that comes
-- by a member twice without that ends as well, since the cycle is told from its own members.
with recursive
    edges as (select * from {{ ref("core_edge") }}),

    ways as (
        select
            hierarchy,
            descendant_id,
            ancestor_id,
            1 as depth,
            valid_from_on,
            valid_to_on,
            concat(' → ', descendant_id, ' → ', ancestor_id, ' → ') as way,
            descendant_id = ancestor_id as is_cycle
        from edges
        union all
        select
            ways.hierarchy,
            ways.descendant_id,
            edges.ancestor_id,
            ways.depth + 1,
            greatest(ways.valid_from_on, edges.valid_from_on),
            least(ways.valid_to_on, edges.valid_to_on),
            concat(ways.way, edges.ancestor_id, ' → '),
            ways.descendant_id = edges.ancestor_id
        from ways
        inner join
            edges
            on ways.hierarchy = edges.hierarchy
            and ways.ancestor_id = edges.descendant_id
            and ways.valid_from_on < edges.valid_to_on
            and edges.valid_from_on < ways.valid_to_on
        where
            not ways.is_cycle
            and (
                ways.descendant_id = edges.ancestor_id
                or {{ dbt.position("concat(' → ', edges.ancestor_id, ' → ')", "ways.way") }} = 0
            )
    )

select
    hierarchy,
    descendant_id,
    ancestor_id,
    depth,
    valid_from_on,
    valid_to_on,
    trim(substring(way, 4, length(way) - 6)) as way,
    is_cycle
from ways
