-- The three cuts of the sales: the region of the order, the industry and the acquisition method of the account.
with
    sales as (select * from {{ ref("core_sale_account") }}),

    customers as (select * from {{ ref("core_customer") }}),

    territories as (select territory_id, territory_name from {{ last_known("territory") }}),

    cut as (
        select
            coalesce(territories.territory_name, customers.region, 'unknown') as region,
            customers.industry,
            customers.acquisition_method,
            sales.crm_user_id,
            sales.fiscal_year,
            {{ sale_values("sales") }}
        from sales
        inner join customers on sales.account_id = customers.account_id
        left join territories on sales.territory_id = territories.territory_id
    )

{% for type in segment_types() %}
    select '{{ type }}' as segment_type, {{ type }} as segment, crm_user_id, fiscal_year, {{ summed_sale_values() }}
    from cut
    group by 1, 2, 3, 4
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
