{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_credit_change', 'credited_on') }}",
    )
}}
-- Who gets the credit for each line under the company's declared policy, and from whom a refund or a write-off
-- takes it back. What nobody gets is a row too, with the reason.
with
    events as ({{ credit_events("core_credit_change") }}),

    credit as ({{ credited(var("credit_policy"), "events", "core_credit_change") }}),

    acquisitions as (select account_id, acquired_on from {{ ref("core_acquisition") }}),

    deals as (
        select opportunity_id, opportunity_type
        from {{ ref("fct_opportunity") }}
        where opportunity_type in ('new', 'renewal')
    ),

    -- Beside the policy: what a person moves of a sale, and the same part of what undoes it.
    adjusted as (
        select
            events.*,
            moved.crm_user_id,
            concat(coalesce(events.undoing || ' of ', ''), 'adjustment ', moved.adjustment_id) as reason,
            moved.adjustment_reason,
            {{ money_part("events.amount", "moved.moved_amount", "moved.sold_amount") }} as credited_amount
        from events
        inner join {{ ref("core_credit_adjustment") }} as moved on events.credited_order_line_id = moved.order_line_id
        where moved.moved_amount is distinct from 0
    ),

    held as (
        select
            order_line_id,
            crm_user_id,
            account_id,
            opportunity_id,
            sold_on,
            credited_on,
            coalesce(undoing, basis) as reason,
            cast(null as varchar) as adjustment_reason,
            credited_amount
        from credit
        union all
        select
            order_line_id,
            crm_user_id,
            account_id,
            opportunity_id,
            sold_on,
            credited_on,
            reason,
            adjustment_reason,
            credited_amount
        from adjusted
    ),

    overlays as (
        select
            events.order_line_id,
            overlays.crm_user_id,
            events.credited_on,
            coalesce(events.undoing, 'overlay') as reason,
            {{ money_product("events.amount", "overlays.overlay_pct * cast(0.01 as decimal(3, 2))") }}
            as credited_amount
        from events
        inner join {{ ref("core_overlay") }} as overlays on events.credited_order_line_id = overlays.order_line_id
    )

select
    held.order_line_id,
    held.crm_user_id,
    case
        when deals.opportunity_type = 'renewal'
        then 'renew'
        when deals.opportunity_type = 'new' or held.sold_on <= acquisitions.acquired_on
        then 'originate'
        else 'close'
    end as credit_role,
    held.credited_on,
    held.reason,
    held.adjustment_reason,
    held.credited_amount,
    {{ metrics_used(["credit_" ~ var("credit_policy")]) }} as metric_versions
from held
left join acquisitions on held.account_id = acquisitions.account_id
left join deals on held.opportunity_id = deals.opportunity_id
union all
select
    order_line_id,
    crm_user_id,
    'overlay',
    credited_on,
    reason,
    null,
    credited_amount,
    {{ metrics_used(["credit_overlay"]) }}
from overlays
