{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_credit_change', 'credited_on') }}",
    )
}}
-- Who gets the credit for each line under the company's declared policy. What nobody gets is a
-- row too, with the reason.
with
    lines as (
        select *
        from {{ ref("core_order_line") }}
        where revenue_amount is not null and {{ is_made_anew("core_credit_change", "ordered_on") }}
    ),
    {% if var("credit_policy") == "acquirer" %}
        holders as (select account_id, acquiring_crm_user_id as crm_user_id from {{ ref("core_acquisition") }}),

        credited as (
            select
                lines.order_line_id,
                coalesce(holders.crm_user_id, 'unknown') as crm_user_id,
                'originate' as credit_role,
                lines.ordered_on as credited_on,
                case
                    when coalesce(holders.crm_user_id, 'unknown') = 'unknown' then 'no acquirer' else 'acquirer'
                end as reason,
                lines.revenue_amount as credited_amount
            from lines
            left join holders on lines.account_id = holders.account_id
        )
    {% elif var("credit_policy") == "owner" %}
        owners as (select * from {{ ref("core_account_owner") }}),

        credited as (
            select
                lines.order_line_id,
                coalesce(owners.crm_user_id, 'unknown') as crm_user_id,
                'own' as credit_role,
                lines.ordered_on as credited_on,
                case when owners.crm_user_id is null then 'no owner who is a rep' else 'owner' end as reason,
                lines.revenue_amount as credited_amount
            from lines
            left join owners on {{ is_owner_on("lines", "lines.ordered_on") }}
        )
    {% else %}
        credited as (
            select
                lines.order_line_id,
                shares.crm_user_id,
                'sell' as credit_role,
                lines.ordered_on as credited_on,
                case when shares.crm_user_id = 'unknown' then 'no seller' else 'seller' end as reason,
                shares.revenue_amount as credited_amount
            from lines
            inner join {{ ref("core_revenue_share") }} as shares on lines.order_line_id = shares.order_line_id
        )
    {% endif %}

select *
from credited
