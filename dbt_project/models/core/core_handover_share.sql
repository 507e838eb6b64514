-- What of each sale after a handover is the run rate that was handed over, and what is change. The run rate of a month
-- is never more than what was sold in it, and of a month that a handover cuts the part of its days.
with
    handovers as (select * from {{ ref("core_handover") }} where run_rate_amount > 0),

    lines as (
        select
            lines.order_line_id,
            lines.ordered_on,
            lines.revenue_amount,
            handovers.account_id,
            handovers.handed_over_on,
            handovers.kept_to_on,
            handovers.from_crm_user_id,
            handovers.to_crm_user_id,
            handovers.run_rate_amount,
            {{ month_on("lines.ordered_on") }} as month_on
        from {{ ref("core_order_line") }} as lines
        inner join
            handovers
            on lines.account_id = handovers.account_id
            and lines.ordered_on >= handovers.handed_over_on
            and lines.ordered_on < handovers.kept_to_on
        left join {{ ref("core_refund") }} as refunds on lines.order_line_id = refunds.order_line_id
        where refunds.order_line_id is null and lines.revenue_amount is not null
    ),

    sold as (
        select
            account_id,
            handed_over_on,
            month_on,
            run_rate_amount,
            sum(revenue_amount) as sold_amount,
            {{ dbt.datediff("greatest(handed_over_on, month_on)", "least(kept_to_on, " ~ add_months("month_on", 1) ~ ")", "day") }}
            as kept_days,
            {{ dbt.datediff("month_on", add_months("month_on", 1), "day") }} as month_days
        from lines
        group by account_id, handed_over_on, month_on, run_rate_amount, kept_to_on
    ),

    kept as (
        select
            account_id,
            handed_over_on,
            month_on,
            least(
                {{ money_divided_by("run_rate_amount * kept_days", "month_days") }}, greatest(sold_amount, 0)
            ) as month_kept_amount
        from sold
    ),

    weighed as (
        select lines.*, kept.month_kept_amount
        from lines
        inner join
            kept
            on lines.account_id = kept.account_id
            and lines.handed_over_on = kept.handed_over_on
            and lines.month_on = kept.month_on
        where lines.revenue_amount > 0 and kept.month_kept_amount > 0
    ),

    shares as (
        {{
            allocate(
                "weighed",
                whole=["account_id", "handed_over_on", "month_on"],
                part=["order_line_id"],
                amounts=["month_kept_amount"],
                weight="revenue_amount",
                into=["kept_amount"],
            )
        }}
    )

select
    order_line_id,
    ordered_on,
    from_crm_user_id,
    to_crm_user_id,
    kept_amount,
    cast(revenue_amount - kept_amount as decimal(18, 4)) as changed_amount
from shares
where kept_amount > 0
