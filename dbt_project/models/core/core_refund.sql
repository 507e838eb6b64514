{{ config(pre_hook="{{ keep_before() }}") }}
-- Which sale a refund takes back: the line that it names, or the one that this one refunds, and so on. A refund that
-- names no known line, or that leads in a circle, is none of these: it counts as any line.
with recursive
    links as (
        select refunds.order_line_id, refunds.refunds_order_line_id
        from {{ ref("core_order_line") }} as refunds
        where refunds.refunds_order_line_id is not null and refunds.refunds_order_line_id <> refunds.order_line_id
    ),

    reached as (
        select order_line_id, refunds_order_line_id as reached_order_line_id
        from links
        union
        select reached.order_line_id, links.refunds_order_line_id
        from reached
        inner join links on reached.reached_order_line_id = links.order_line_id
    ),

    roots as (
        select reached.order_line_id, reached.reached_order_line_id as refunded_order_line_id
        from reached
        left join links on reached.reached_order_line_id = links.order_line_id
        where links.order_line_id is null
    )

select
    roots.order_line_id,
    refunds.ordered_on,
    roots.refunded_order_line_id,
    sold.ordered_on as refunded_on,
    sold.account_id,
    sold.crm_user_id,
    sold.opportunity_id,
    case
        when refunds.ordered_on < {{ add_months("sold.ordered_on", "sold.term_months") }} then 'churn' else 'refund'
    end as undoing
from roots
inner join {{ ref("core_order_line") }} as refunds on roots.order_line_id = refunds.order_line_id
inner join {{ ref("core_order_line") }} as sold on roots.refunded_order_line_id = sold.order_line_id
