-- The cuts of the sales through each lens. What an account is in does not depend on who holds it: industry and
-- acquisition method are cut as sold alone. A region is the territory of the account's owner on the day that the lens
-- reads, else the account's own.
with
    owned as (select * from {{ ref("core_owned_sale") }} where fiscal_year is not null),

    groups as (select * from {{ ref("core_rep_group") }}),

    territories as (select territory_id, territory_name from {{ last_known("territory") }})

select segment_type, segment, 'as_sold' as lens, crm_user_id, fiscal_year, account_count, {{ sale_values() }}
from {{ ref("core_sale_segment") }}
union all
select
    'region',
    coalesce(territories.territory_name, owned.region, 'unknown'),
    owned.lens,
    owned.crm_user_id,
    owned.fiscal_year,
    null,
    {{ summed_sale_values("owned") }}
from owned
inner join groups on owned.crm_user_id = groups.crm_user_id and owned.read_on = groups.day_on
left join territories on groups.territory_id = territories.territory_id
group by 1, 2, 3, 4, 5, 6
