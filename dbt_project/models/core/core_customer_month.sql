{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_customer_month_change', 'month_on') }}",
    )
}}
-- What each customer had brought by each month's end, and who looked after the customer then. Carried on from the month
-- before the first that is made anew.
with
    lines as (
        select account_id, ordered_on, {{ sale_values() }}
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and {{ is_made_anew("core_customer_month_change", "ordered_on") }}
    ),

    months as (
        select month_on, next_month_on, last_day_on, is_over
        from {{ ref("core_month") }}
        where month_on < {{ as_of_on() }} and {{ is_made_anew("core_customer_month_change", "month_on") }}
    ),

    owners as (select * from {{ ref("core_account_owner") }}),

    opening as (
        {% if is_whole_night() %}
            select
                cast(null as varchar) as account_id,
                cast(null as date) as month_on
                {%- for column in in_bases(values_so_far()) %}, cast(0 as decimal(18, 4)) as {{ column }}{% endfor %}
            where false
        {% else %}
            select account_id, month_on, {{ realised_values() }}
            from {{ this }}
            where
                month_on = (
                    select max(months.month_on)
                    from {{ ref("core_month") }} as months
                    where months.month_on < (select min(month_on) from {{ ref("core_customer_month_change") }})
                )
        {% endif %}
    ),

    customers as (
        select account_id, min(since_on) as since_on
        from
            (
                select account_id, ordered_on as since_on
                from lines
                union all
                select account_id, month_on
                from opening
            ) as known
        group by account_id
    ),

    monthly as (
        select
            account_id,
            {{ part_on("ordered_on") }} as month_on,
            {%- for column in in_bases(values_of_sale()) %} {{ sum_amount(column) }} as {{ column }}, {%- endfor %}
            count(*) - count(gross_margin_amount) as unknown_margins
        from lines
        group by 1, 2
    ),

    entries as (
        select
            account_id,
            month_on,
            cast(null as date) as last_day_on,
            cast(null as boolean) as is_over,
            {%- for basis in var("bases") %}
                {{ based("realised_ltv_amount", basis) }} as {{ based("revenue_amount", basis) }},
                coalesce({{ based("realised_margin_amount", basis) }}, 0) as {{ based("gross_margin_amount", basis) }},
            {%- endfor %}
            case when realised_margin_amount is null then 1 else 0 end as unknown_margins
        from opening
        union all
        select
            customers.account_id,
            months.month_on,
            months.last_day_on,
            months.is_over,
            {%- for column in in_bases(values_of_sale(), "monthly") %} coalesce({{ column }}, 0), {%- endfor %}
            coalesce(monthly.unknown_margins, 0)
        from customers
        inner join months on customers.since_on < months.next_month_on
        left join monthly on customers.account_id = monthly.account_id and months.month_on = monthly.month_on
    ),

    running as (
        select
            *,
            {%- for basis in var("bases") %}
                sum({{ based("revenue_amount", basis) }}) over so_far as {{ based("realised_ltv_amount", basis) }},
                sum({{ based("gross_margin_amount", basis) }}) over so_far
                as {{ based("realised_margin_amount", basis) }},
            {%- endfor %}
            sum(unknown_margins) over so_far as unknown_margins_so_far
        from entries
        window so_far as (partition by account_id order by month_on rows unbounded preceding)
    )

select
    running.account_id,
    running.month_on,
    running.last_day_on,
    running.is_over,
    coalesce(owners.crm_user_id, 'unknown') as owner_crm_user_id,
    cast(running.revenue_amount as decimal(18, 4)) as revenue_amount,
    {%- for basis in var("bases") %}
        cast(
            running.{{ based("realised_ltv_amount", basis) }} as decimal(18, 4)
        ) as {{ based("realised_ltv_amount", basis) }},
        cast(
            case
                when running.unknown_margins_so_far = 0 then running.{{ based("realised_margin_amount", basis) }}
            end as decimal(18, 4)
        ) as {{ based("realised_margin_amount", basis) }}{{ "," if not loop.last }}
    {%- endfor %}
from running
left join owners on {{ is_owner_on("running", "running.last_day_on") }}
where running.last_day_on is not null
