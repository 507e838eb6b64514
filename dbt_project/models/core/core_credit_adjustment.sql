{{ config(pre_hook="{{ keep_before() }}") }}
-- What people move of a sale's credit: off the one and on the other, at the rate of the sale's day. One that its own
-- writer approved is none, and one that names no sale moves nothing: the gate blocks either.
with
    users as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    rates as (select * from {{ ref("core_fx_day") }}),

    moves as (
        select
            adjustments.adjustment_id,
            lines.order_line_id,
            coalesce(givers.crm_user_id, 'unknown') as from_crm_user_id,
            coalesce(takers.crm_user_id, 'unknown') as to_crm_user_id,
            lines.revenue_amount as sold_amount,
            {{ money_product("adjustments.adjusted_amount", "rates.fx_rate") }} as adjusted_amount,
            rates.fx_rate_id,
            adjustments.reason as adjustment_reason
        from {{ latest("credit_adjustment") }} as adjustments
        inner join {{ ref("core_order_line") }} as lines on adjustments.order_line_id = lines.order_line_id
        left join {{ ref("core_refund") }} as refunds on lines.order_line_id = refunds.order_line_id
        left join users as givers on adjustments.from_crm_user_id = givers.delivered_crm_user_id
        left join users as takers on adjustments.to_crm_user_id = takers.delivered_crm_user_id
        left join rates on adjustments.currency = rates.currency and {{ rate_day("lines.ordered_on") }} = rates.day_on
        where
            refunds.order_line_id is null
            and lines.revenue_amount <> 0
            and lower(trim(adjustments.approved_by)) <> lower(trim(adjustments.created_by))
    )

-- Of ids of one person nothing is moved: off and on would be one row.
select
    adjustment_id,
    order_line_id,
    from_crm_user_id as crm_user_id,
    sold_amount,
    cast(- adjusted_amount as decimal(18, 4)) as moved_amount,
    fx_rate_id,
    adjustment_reason
from moves
where from_crm_user_id <> to_crm_user_id
union all
select adjustment_id, order_line_id, to_crm_user_id, sold_amount, adjusted_amount, fx_rate_id, adjustment_reason
from moves
where from_crm_user_id <> to_crm_user_id
