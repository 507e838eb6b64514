-- How many customers each segment won: region of the line that won them.
with
    acquisitions as (select * from {{ ref("core_acquisition") }}),

    customers as (select * from {{ ref("core_customer") }}),

    territories as (select territory_id, territory_name from {{ last_known("territory") }}),

    cut as (
        select
            acquisitions.fiscal_year,
            coalesce(territories.territory_name, 'unknown') as region,
            customers.industry,
            customers.acquisition_method
        from acquisitions
        inner join customers on acquisitions.account_id = customers.account_id
        left join territories on acquisitions.territory_id = territories.territory_id
    )

{% for type in ["region", "industry", "acquisition_method"] %}
    select '{{ type }}' as segment_type, {{ type }} as segment, fiscal_year, count(*) as customers_acquired
    from cut
    group by 1, 2, 3
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
