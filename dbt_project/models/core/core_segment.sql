-- The three cuts of a sale: the region of the order, the industry and the acquisition method of the account.
with
    lines as (select * from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }}),

    customers as (select * from {{ ref("core_customer") }}),

    territories as (select territory_id, territory_name from {{ last_known("territory") }}),

    cut as (
        select
            lines.order_line_id,
            coalesce(territories.territory_name, customers.region, 'unknown') as region,
            customers.industry,
            customers.acquisition_method
        from lines
        inner join customers on lines.account_id = customers.account_id
        left join territories on lines.territory_id = territories.territory_id
    )

{% for type in segment_types() %}
    select order_line_id, '{{ type }}' as segment_type, {{ type }} as segment
    from cut
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
