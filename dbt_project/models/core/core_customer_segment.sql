-- The three cuts of a customer, fixed for ever where they can be: the region is that of the line that won the customer.
with
    acquisitions as (select * from {{ ref("core_acquisition") }}),

    customers as (select * from {{ ref("core_customer") }}),

    territories as (select territory_id, territory_name from {{ last_known("territory") }}),

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

{% for type in segment_types() %}
    select account_id, fiscal_year, acquired_on, '{{ type }}' as segment_type, {{ type }} as segment
    from cut
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
