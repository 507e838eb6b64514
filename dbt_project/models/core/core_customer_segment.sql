-- The cuts of a customer and pairs of them, fixed for ever where they can be. As sold, the region is that of the line
-- that won the customer; through the other lenses, the territory of whoever owned the account at the end of the year in
-- which it was won, or owns it now, else the account's own.
with
    acquisitions as (select * from {{ ref("core_acquisition") }}),

    customers as (select * from {{ ref("core_customer") }}),

    territories as (select territory_id, territory_name from {{ last_known("territory") }}),

    groups as (select * from {{ ref("core_rep_group") }}),

    cut as (
        select
            acquisitions.account_id,
            acquisitions.fiscal_year,
            acquisitions.acquired_on,
            coalesce(territories.territory_name, customers.region, 'unknown') as region,
            customers.industry,
            customers.acquisition_method
        from acquisitions
        inner join customers on acquisitions.account_id = customers.account_id
        left join territories on acquisitions.territory_id = territories.territory_id
    )

{% for type, sides in segment_cuts().items() %}
    select
        account_id,
        fiscal_year,
        acquired_on,
        '{{ type }}' as segment_type,
        {{ segment_name(sides) }} as segment,
        'as_sold' as lens
    from cut
    union all
{% endfor %}
select
    acquisitions.account_id,
    acquisitions.fiscal_year,
    acquisitions.acquired_on,
    'region',
    coalesce(territories.territory_name, customers.region, 'unknown'),
    lens_years.lens
from acquisitions
inner join customers on acquisitions.account_id = customers.account_id
inner join
    {{ ref("core_lens_year") }} as lens_years
    on acquisitions.fiscal_year = lens_years.fiscal_year
    and lens_years.read_on is not null
left join {{ ref("core_account_owner") }} as owners on {{ is_owner_on("acquisitions", "lens_years.read_on") }}
left join groups on owners.crm_user_id = groups.crm_user_id and lens_years.read_on = groups.day_on
left join territories on groups.territory_id = territories.territory_id
