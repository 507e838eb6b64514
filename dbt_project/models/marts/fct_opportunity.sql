{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_opportunity_change', 'coalesce(created_on, ' ~ beginning_of_time() ~ ')') }}",
    )
}}
{% set created_on = "coalesce(created_on, " ~ beginning_of_time() ~ ")" %}
with
    opportunities as (
        select *
        from {{ latest("opportunity") }} as latest
        where {{ is_made_anew("core_opportunity_change", created_on) }}
    ),

    rates as (select * from {{ ref("core_fx_day") }}),

    users as (select crm_user_id from {{ ref("core_identity") }}),

    versions as (
        select opportunity_id, count(*) as version_count
        from {{ now_known("opportunity") }} as now_known
        where opportunity_id in (select opportunity_id from opportunities)
        group by opportunity_id
    )

select
    opportunities.opportunity_id,
    coalesce(opportunities.account_id, 'unknown') as account_id,
    coalesce(users.crm_user_id, 'unknown') as owner_crm_user_id,
    opportunities.stage,
    coalesce(opportunities.is_closed, false) as is_closed,
    coalesce(opportunities.is_won, false) as is_won,
    opportunities.opportunity_type,
    coalesce(opportunities.channel, 'unknown') as channel,
    opportunities.created_on,
    opportunities.closed_on,
    opportunities.term_months,
    opportunities.opportunity_amount,
    opportunities.currency,
    {{ money_product("opportunities.opportunity_amount", "rates.fx_rate") }} as reporting_amount,
    opportunities.merged_into_opportunity_id,
    cast(versions.version_count as integer) as version_count
from opportunities
inner join versions on opportunities.opportunity_id = versions.opportunity_id
left join users on opportunities.owner_crm_user_id = users.crm_user_id
left join
    rates
    on opportunities.currency = rates.currency
    and {{ rate_day("coalesce(opportunities.closed_on, opportunities.created_on, " ~ as_of_on() ~ ")") }} = rates.day_on
