-- What each customer had brought by each month's end, and who looked after the customer then.
with
    lines as (select * from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }}),

    months as (select * from {{ ref("core_month") }} where month_on < {{ as_of_on() }}),

    owners as (select * from {{ ref("core_account_owner") }}),

    customers as (select account_id, min(ordered_on) as first_ordered_on from lines group by account_id),

    monthly as (
        select
            account_id,
            {{ month_on("ordered_on") }} as month_on,
            {{ sum_amount("revenue_amount") }} as revenue_amount,
            {{ sum_amount("gross_margin_amount") }} as gross_margin_amount,
            count(*) - count(gross_margin_amount) as unknown_margins
        from lines
        group by 1, 2
    ),

    grid as (
        select
            customers.account_id,
            months.month_on,
            months.last_day_on,
            months.is_over,
            coalesce(monthly.revenue_amount, 0) as revenue_amount,
            coalesce(monthly.gross_margin_amount, 0) as gross_margin_amount,
            coalesce(monthly.unknown_margins, 0) as unknown_margins
        from customers
        inner join months on customers.first_ordered_on < months.next_month_on
        left join monthly on customers.account_id = monthly.account_id and months.month_on = monthly.month_on
    ),

    running as (
        select
            *,
            sum(revenue_amount) over so_far as realised_ltv_amount,
            sum(gross_margin_amount) over so_far as realised_margin_amount,
            sum(unknown_margins) over so_far as unknown_margins_so_far
        from grid
        window so_far as (partition by account_id order by month_on rows unbounded preceding)
    )

select
    running.account_id,
    running.month_on,
    running.last_day_on,
    running.is_over,
    coalesce(owners.crm_user_id, 'unknown') as owner_crm_user_id,
    running.revenue_amount,
    cast(running.realised_ltv_amount as decimal(18, 4)) as realised_ltv_amount,
    cast(
        case when running.unknown_margins_so_far = 0 then running.realised_margin_amount end as decimal(18, 4)
    ) as realised_margin_amount
from running
left join
    owners
    on running.account_id = owners.account_id
    and running.last_day_on >= owners.valid_from_on
    and running.last_day_on < owners.valid_to_on
