{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_order_line_change', 'ordered_on') }}",
    )
}}
-- The lines as last corrected, in reporting money. Revenue is what the company keeps: booked, less the partner's part.
-- A line whose rate is missing keeps its own amount and has no revenue: the gate blocks. A refund gives its units back,
-- whether the source writes them negative or not. What names no seller is sold by the house, if the account is its own.
{% set bases = var("bases") %}
{% set signed_quantity = "abs(coalesce(quantity, 1)) * case when booked_amount < 0 then -1 else 1 end" %}
with
    -- A product is said once and used by its name: SQL that repeats its factors takes longer to plan than to run.
    delivered as (
        select
            *,
            booked_amount - coalesce(partner_amount, 0) as net_amount,
            coalesce(partner_amount, 0) as partner_part_amount,
            {{ money_product("unit_cost_amount", signed_quantity) }} as cost_of_goods_local_amount
        from {{ latest("order_line") }} as latest
        where {{ is_made_anew("core_order_line_change", "ordered_on") }}
    ),

    users as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    crosswalk as (select id_kind, from_id, to_id from {{ ref("core_crosswalk") }}),

    accounts as (select from_id, to_id from crosswalk where id_kind = 'account'),

    opportunities as (select from_id, to_id from crosswalk where id_kind = 'opportunity'),

    houses as ({{ house_accounts() }}),

    rates as (select * from {{ ref("core_fx_day") }}),

    rated as (
        select
            lines.*,
            rates.fx_rate_id,
            {{ money_product("lines.net_amount", "rates.fx_rate") }} as revenue_amount,
            {{ money_product("lines.cost_of_goods_local_amount", "rates.fx_rate") }} as cost_of_goods_amount,
            {{ money_product("lines.list_amount", "rates.fx_rate") }} as list_reporting_amount,
            {{ money_product("lines.partner_part_amount", "rates.fx_rate") }} as partner_reporting_amount
        from delivered as lines
        left join rates on lines.currency = rates.currency and {{ rate_day("lines.ordered_on") }} = rates.day_on
    ),

    margined as (
        select *, cast(revenue_amount - cost_of_goods_amount as decimal(18, 4)) as gross_margin_amount from rated
    )

select
    lines.order_line_id,
    lines.order_id,
    coalesce(accounts.to_id, lines.account_id) as account_id,
    lines.account_id as delivered_account_id,
    coalesce(users.crm_user_id, houses.crm_user_id, 'unknown') as crm_user_id,
    lines.crm_user_id as delivered_crm_user_id,
    coalesce(opportunities.to_id, lines.opportunity_id) as opportunity_id,
    lines.opportunity_id as delivered_opportunity_id,
    coalesce(lines.territory_id, 'unknown') as territory_id,
    lines.ordered_on,
    {{ fiscal_year("lines.ordered_on") }} as fiscal_year,
    coalesce(lines.channel, 'unknown') as channel,
    lines.product_code,
    coalesce(lines.quantity, 1) as quantity,
    lines.booked_amount,
    lines.partner_amount,
    lines.unit_cost_amount,
    lines.currency,
    lines.fx_rate_id,
    lines.revenue_amount,
    lines.gross_margin_amount,
    {% if "constant" in bases %}
        {{ money_product("lines.net_amount", "constant_rates.constant_fx_rate") }} as constant_revenue_amount,
        cast(
            {{ money_product("lines.net_amount", "constant_rates.constant_fx_rate") }}
            - {{ money_product("lines.cost_of_goods_local_amount", "constant_rates.constant_fx_rate") }} as decimal(
                18, 4
            )
        ) as constant_gross_margin_amount,
    {% endif %}
    {% if "real" in bases %}
        {{ money_product("lines.revenue_amount", "deflators.deflator") }} as real_revenue_amount,
        {{ money_product("lines.gross_margin_amount", "deflators.deflator") }} as real_gross_margin_amount,
    {% endif %}
    lines.list_reporting_amount,
    {{ bases_beside("lines.list_amount", "lines.list_reporting_amount", "list_reporting_amount") }}
    lines.partner_reporting_amount,
    {{ bases_beside("lines.partner_part_amount", "lines.partner_reporting_amount", "partner_reporting_amount") }}
    lines.term_months,
    lines.refunds_order_line_id,
    lines._source,
    lines._file,
    lines._line
from margined as lines
left join users on lines.crm_user_id = users.delivered_crm_user_id
left join accounts on lines.account_id = accounts.from_id
left join opportunities on lines.opportunity_id = opportunities.from_id
left join
    houses
    on {{ key_where("lines.crm_user_id is null", "coalesce(accounts.to_id, lines.account_id)") }} = houses.account_id
    and lines.ordered_on >= houses.valid_from_on
    and lines.ordered_on < houses.valid_to_on
    {{ join_other_bases("lines", "ordered_on") }}
