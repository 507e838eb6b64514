{{ config(pre_hook="{{ keep_before() }}") }}
-- What of each sale after a handover is what was handed over, and what is change. Sale by sale, what is handed over is
-- kept up to its days' part: who buys once a quarter is caught up with by the next order.
with
    handovers as (
        select *, {{ days_between("handed_over_on", add_months("handed_over_on", 12)) }} as year_days
        from {{ ref("core_handover") }}
        where handed_over_amount > 0
    ),

    lines as (
        select
            lines.order_line_id,
            lines.ordered_on,
            lines.revenue_amount,
            handovers.account_id,
            handovers.handed_over_on,
            handovers.from_crm_user_id,
            handovers.to_crm_user_id,
            {{
                money_part(
                    "handovers.handed_over_amount",
                    days_between("handovers.handed_over_on", "lines.ordered_on") ~ " + 1",
                    "handovers.year_days",
                )
            }} as due_amount
        from {{ ref("core_order_line") }} as lines
        inner join
            handovers
            on lines.account_id = handovers.account_id
            and lines.ordered_on >= handovers.handed_over_on
            and lines.ordered_on < handovers.kept_to_on
        left join {{ ref("core_refund") }} as refunds on lines.order_line_id = refunds.order_line_id
        where refunds.order_line_id is null and lines.revenue_amount > 0
    ),

    sold as (
        select
            *,
            sum(revenue_amount) over (
                partition by account_id, handed_over_on
                order by ordered_on, order_line_id
                rows between unbounded preceding and current row
            ) as sold_amount
        from lines
    ),

    -- What a sale brought more than was due by then is change for good, so it isn't there when more is due.
    kept as (
        select
            *,
            sold_amount + least(
                0,
                min(due_amount - sold_amount) over (
                    partition by account_id, handed_over_on
                    order by ordered_on, order_line_id
                    rows between unbounded preceding and current row
                )
            ) as kept_so_far_amount
        from sold
    ),

    shares as (
        select
            *,
            kept_so_far_amount - coalesce(
                lag(kept_so_far_amount) over (
                    partition by account_id, handed_over_on order by ordered_on, order_line_id
                ),
                0
            ) as kept_amount
        from kept
    )

select
    order_line_id,
    ordered_on,
    account_id,
    handed_over_on,
    from_crm_user_id,
    to_crm_user_id,
    cast(kept_amount as decimal(18, 4)) as kept_amount,
    cast(revenue_amount - kept_amount as decimal(18, 4)) as changed_amount
from shares
where kept_amount > 0
