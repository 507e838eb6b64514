-- From the first month in which anything was sold, earned or closed, to the one of the as-of date. Under a calendar its
-- periods stand for months.
with
    months as (
        {% if var("fiscal_calendar") %}
            select starts_on as month_on, ends_on as next_month_on, cast(fiscal_period as integer) as fiscal_period
            from {{ company_periods() }} as periods
            where starts_on < {{ as_of_on() }}
        {% else %}select month_on, next_month_on, cast(null as integer) as fiscal_period from {{ ref("core_month") }}
        {% endif %}
    ),

    closes as (select * from {{ ref("core_period_close") }}),

    first_month as (
        select min(month_on) as month_on
        from
            (
                select {{ month_on("min(ordered_on)") }} as month_on
                from {{ ref("core_order_line") }}
                union all
                select min(month_on)
                from {{ ref("core_cost_line") }}
                union all
                select min(month_on)
                from closes
            ) as firsts
    ),

    late as (
        select
            month_on,
            sum(case when entity = 'order_line' then 1 else 0 end) as late_order_lines,
            {{ sum_amount("revenue_amount") }} as late_revenue_amount,
            sum(
                case
                    when entity in ('pay_item', 'expense_line', 'cost_pool', 'coaching', 'marketing_spend')
                    then 1
                    else 0
                end
            ) as late_cost_lines,
            sum(
                case when entity in ('absence', 'job', 'opportunity_split', 'allocation_rule') then 1 else 0 end
            ) as late_dividing_lines
        from {{ ref("core_late_line") }}
        group by month_on
    )

select
    months.month_on,
    {{ fiscal_year("months.month_on") }} as fiscal_year,
    months.fiscal_period,
    months.next_month_on as period_end_on,
    case when closes.month_on is null then 'preliminary' else 'closed' end as period_state,
    closes.closed_on,
    closes.closed_by,
    cast(coalesce(late.late_order_lines, 0) as integer) as late_order_lines,
    cast(coalesce(late.late_revenue_amount, 0) as decimal(18, 4)) as late_revenue_amount,
    cast(coalesce(late.late_cost_lines, 0) as integer) as late_cost_lines,
    cast(coalesce(late.late_dividing_lines, 0) as integer) as late_dividing_lines
from months
inner join first_month on months.next_month_on > first_month.month_on
left join closes on months.month_on = closes.month_on
left join late on months.month_on = late.month_on
