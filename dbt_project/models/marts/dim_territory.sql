with
    territories as (select * from {{ last_known("territory") }}),

    named as (
        select territory_id
        from territories
        union
        select territory_id
        from {{ ref("core_order_line") }}
        union
        select territory_id
        from {{ latest("territory_assignment") }}
    )

select
    named.territory_id,
    coalesce(territories.territory_name, 'unknown') as territory_name,
    territories.parent_territory_id,
    territories.region,
    territories.country_code
from named
left join territories on named.territory_id = territories.territory_id
where named.territory_id <> 'unknown'
union all
select 'unknown', 'unknown', null, null, null
