{{ config(pre_hook="{{ keep_before() }}") }}
-- What people move of a sale's credit: off the one and on the other, at the rate of the sale's day. One that its
-- own writer approved is none, and one that names no sale moves nothing: the gate blocks either. Whoever adjusted a
-- credit saw it under the policy of that day. Under another one the person may have less of it: where all
-- adjustments of a sale would leave somebody with less than nothing, each takes what there is, in the order in
-- which they were told.
with recursive
    users as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    rates as (select * from {{ ref("core_fx_day") }}),

    told as (
        select
            adjustments.adjustment_id,
            adjustments.known_from_on,
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
    ),

    -- Of ids of one person nothing is moved: off and on would be one row. Of a sale below nothing, who takes gives.
    moves as (
        select
            *,
            case when sold_amount > 0 then from_crm_user_id else to_crm_user_id end as giver_crm_user_id,
            case when sold_amount > 0 then to_crm_user_id else from_crm_user_id end as taker_crm_user_id,
            row_number() over (partition by order_line_id order by known_from_on, adjustment_id) as place
        from told
        where from_crm_user_id <> to_crm_user_id
    ),

    events as (
        select sales.*
        from ({{ credit_events() }}) as sales
        inner join
            (select distinct order_line_id from moves) as adjusted on sales.order_line_id = adjusted.order_line_id
        where sales.undoing is null
    ),

    credit as ({{ credited(var("credit_policy"), "events") }}),

    -- What of a sale is whose, without the sign of the sale, and what the adjustments would leave of it.
    parts as (
        select events.order_line_id, credit.crm_user_id, abs(credit.credited_amount) as held_amount, 0 as moved_amount
        from credit
        inner join events on credit.order_line_id = events.order_line_id
        where credit.basis <> 'decline after the handover'
        union all
        select order_line_id, giver_crm_user_id, 0, - adjusted_amount
        from moves
        union all
        select order_line_id, taker_crm_user_id, 0, adjusted_amount
        from moves
    ),

    holders as (
        select
            order_line_id,
            crm_user_id,
            cast(sum(held_amount) as decimal(18, 4)) as held_amount,
            cast(sum(held_amount) + coalesce(sum(moved_amount), 0) as decimal(18, 4)) as left_amount
        from parts
        group by order_line_id, crm_user_id
    ),

    short as (select distinct order_line_id from holders where left_amount < 0),

    -- The credit of each holder of such a sale after one adjustment more.
    turns as (
        select
            holders.order_line_id,
            holders.crm_user_id,
            cast(0 as bigint) as place,
            holders.held_amount,
            cast(0 as decimal(18, 4)) as taken_amount
        from holders
        inner join short on holders.order_line_id = short.order_line_id
        union all
        select
            order_line_id,
            crm_user_id,
            place,
            cast(
                held_amount + case
                    when crm_user_id = giver_crm_user_id
                    then - taken_amount
                    when crm_user_id = taker_crm_user_id
                    then taken_amount
                    else 0
                end as decimal(18, 4)
            ),
            taken_amount
        from
            (
                select
                    turns.order_line_id,
                    turns.crm_user_id,
                    moves.place,
                    turns.held_amount,
                    moves.giver_crm_user_id,
                    moves.taker_crm_user_id,
                    cast(
                        least(
                            coalesce(moves.adjusted_amount, 0),
                            max(case when turns.crm_user_id = moves.giver_crm_user_id then turns.held_amount end) over (
                                partition by turns.order_line_id
                            )
                        ) as decimal(18, 4)
                    ) as taken_amount
                from turns
                inner join moves on turns.order_line_id = moves.order_line_id and turns.place + 1 = moves.place
            ) as next_turns
    ),

    taken as (
        select order_line_id, place, max(taken_amount) as taken_amount
        from turns
        where place > 0
        group by order_line_id, place
    ),

    amounts as (
        select
            moves.*,
            case
                when moves.adjusted_amount is null or taken.place is null
                then moves.adjusted_amount
                else taken.taken_amount
            end as moved_amount
        from moves
        left join taken on moves.order_line_id = taken.order_line_id and moves.place = taken.place
    )

select
    adjustment_id,
    order_line_id,
    from_crm_user_id as crm_user_id,
    sold_amount,
    cast(- moved_amount as decimal(18, 4)) as moved_amount,
    cast(moved_amount - adjusted_amount as decimal(18, 4)) as lacking_amount,
    fx_rate_id,
    adjustment_reason
from amounts
union all
select
    adjustment_id,
    order_line_id,
    to_crm_user_id,
    sold_amount,
    moved_amount,
    cast(adjusted_amount - moved_amount as decimal(18, 4)),
    fx_rate_id,
    adjustment_reason
from amounts
