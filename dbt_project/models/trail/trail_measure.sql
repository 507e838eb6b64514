-- Which part of which order line or payment is in whose declared measure of which year, by delivered line. It has no
-- row where the company declares no measure beside revenue.
{% set local, reporting = ("payment_local_amount", "payment_amount") if is_of_payments() else ("booked_amount", "revenue_amount") %}
with
    declared as ({{ declared_rows() }}),

    customers as (select account_id, industry, acquisition_method, region from {{ ref("core_customer") }}),

    won_regions as (
        select account_id, segment as region
        from {{ ref("core_customer_segment") }}
        where segment_type = 'region' and lens = 'as_sold'
    ),

    territories as (select territory_id, territory_name from {{ last_known("territory") }})

select
    declared.*,
    case
        when declared.reading = 'year'
        then coalesce(territories.territory_name, customers.region, 'unknown')
        else coalesce(won_regions.region, 'unknown')
    end as region,
    {% for side in ["industry", "acquisition_method"] %}
        case
            when declared.reading = 'year' or won_regions.account_id is not null
            then coalesce(customers.{{ side }}, 'unknown')
            else 'unknown'
        end as {{ side }},
    {% endfor %}
    '{{ "payment" if is_of_payments() else "order_line" }}' as entity,
    told.{{ local }} as local_amount,
    {{ renamed_in_bases(reporting, "reporting_amount", "told") }},
    told.currency,
    told.fx_rate_id,
    {{ "told.month_on" if is_of_payments() else month_on("told.ordered_on") ~ " as month_on" }},
    told._file,
    told._line
from declared
left join customers on declared.account_id = customers.account_id
left join won_regions on declared.account_id = won_regions.account_id
left join territories on declared.order_territory_id = territories.territory_id
{% if is_of_payments() %}
    inner join
        {{ ref("core_payment_part") }} as told
        on declared.payment_id = told.payment_id
        and declared.payment_event = told.payment_event
        and declared.order_line_id is not distinct from told.order_line_id
{% else %} inner join {{ ref("core_order_line") }} as told on declared.order_line_id = told.order_line_id
{% endif %}
