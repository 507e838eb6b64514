-- The cuts of the sales: the region of the order, the industry and the acquisition method of the account, and pairs of
-- these. An account is in one industry and one method, but may have ordered in several regions: counted once in each.
with
    sales as (select * from {{ ref("core_sale_account") }}),

    customers as (select * from {{ ref("core_customer") }}),

    territories as (select territory_id, territory_name from {{ last_known("territory") }}),

    placed as (
        select
            coalesce(territories.territory_name, customers.region, 'unknown') as region,
            customers.industry,
            customers.acquisition_method,
            sales.account_id,
            sales.crm_user_id,
            sales.fiscal_year,
            {{ sale_values("sales") }}
        from sales
        inner join customers on sales.account_id = customers.account_id
        left join territories on sales.territory_id = territories.territory_id
    ),

    by_region as (
        select
            region,
            industry,
            acquisition_method,
            crm_user_id,
            fiscal_year,
            count(distinct account_id) as account_count,
            {{ summed_sale_values() }}
        from placed
        group by 1, 2, 3, 4, 5
    ),

    anywhere as (
        select
            industry,
            acquisition_method,
            crm_user_id,
            fiscal_year,
            count(distinct account_id) as account_count,
            {{ summed_sale_values() }}
        from placed
        group by 1, 2, 3, 4
    )

{% for type, sides in segment_cuts().items() %}
    select
        '{{ type }}' as segment_type,
        {{ segment_name(sides) }} as segment,
        crm_user_id,
        fiscal_year,
        cast(sum(account_count) as bigint) as account_count,
        {{ summed_sale_values() }}
    from {{ "by_region" if "region" in sides else "anywhere" }}
    group by 1, 2, 3, 4
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
