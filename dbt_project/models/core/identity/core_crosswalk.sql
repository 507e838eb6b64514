{{ config(pre_hook="{{ keep_before() }}") }}
-- Which id is really another one: what a person keeps in the crosswalk, then what the CRM itself merged. A chain
-- leads to its end; one that comes back to itself leads nowhere, and the gate blocks. An id stands for one other: what
-- the CRM merged of an id that the crosswalk leads elsewhere (each of a new CRM has such a row) is said of the end of
-- that chain. Of several such merges the one told last counts; the gate notes each that does not.
with recursive
    kept as (
        select
            id_kind,
            case when id_kind = 'claimant' then lower(from_id) else from_id end as from_id,
            to_id,
            'crosswalk' as match_basis,
            _source,
            _file,
            _line
        from {{ latest("crosswalk") }}
    ),

    merged as (
        select
            'account' as id_kind,
            account_id as from_id,
            merged_into_account_id as to_id,
            'merged' as match_basis,
            known_from_on,
            _source,
            _file,
            _line
        from {{ last_known("account") }}
        where merged_into_account_id <> account_id
        union all
        select 'opportunity', opportunity_id, merged_into_opportunity_id, 'merged', known_from_on, _source, _file, _line
        from {{ last_known("opportunity") }}
        where merged_into_opportunity_id <> opportunity_id
    ),

    first_links as (
        select id_kind, from_id, to_id, match_basis, _source, _file, _line
        from kept
        union all
        select
            merged.id_kind, merged.from_id, merged.to_id, merged.match_basis, merged._source, merged._file, merged._line
        from merged
        left join kept on merged.id_kind = kept.id_kind and merged.from_id = kept.from_id
        where kept.from_id is null
    ),

    {{ steps_and_ends("first_links", "first_steps", "first_ends") }},

    -- Merges of ids that have a row in the crosswalk, said of the end of their chain.
    led as (
        select
            merged.id_kind,
            froms.to_id as from_id,
            merged.to_id,
            merged.match_basis,
            merged._source,
            merged._file,
            merged._line,
            row_number() over (
                partition by merged.id_kind, froms.to_id order by merged.known_from_on desc, merged.from_id desc
            ) as place
        from merged
        inner join kept on merged.id_kind = kept.id_kind and merged.from_id = kept.from_id
        inner join first_ends as froms on merged.id_kind = froms.id_kind and merged.from_id = froms.from_id
        left join first_ends as tos on merged.id_kind = tos.id_kind and merged.to_id = tos.from_id
        -- What the crosswalk has already made one needs no further link.
        where froms.to_id <> coalesce(tos.to_id, merged.to_id)
    ),

    links as (
        select *
        from first_links
        union all
        select id_kind, from_id, to_id, match_basis, _source, _file, _line
        from led
        where place = 1
    ),

    {{ steps_and_ends("links", "steps", "ends") }},

    -- A chain visits each of its links once.
    lengths as (select id_kind, from_id, count(*) as distance from steps group by id_kind, from_id)

select
    links.id_kind,
    links.from_id,
    ends.to_id,
    links.to_id as linked_to_id,
    lengths.distance,
    links.match_basis,
    links._source,
    links._file,
    links._line
from links
left join lengths on links.id_kind = lengths.id_kind and links.from_id = lengths.from_id
left join ends on links.id_kind = ends.id_kind and links.from_id = ends.from_id
