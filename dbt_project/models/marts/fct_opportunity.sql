{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_opportunity_change', 'coalesce(created_on, ' ~ beginning_of_time() ~ ')') }}",
    )
}}
{% set created_on = "coalesce(created_on, " ~ beginning_of_time() ~ ")" %}
with
    crosswalk as (select from_id, to_id, id_kind from {{ ref("core_crosswalk") }}),

    survivors as (select distinct to_id from crosswalk where id_kind = 'opportunity'),

    named as (
        select held.*, coalesce(crosswalk.to_id, held.opportunity_id) as one_opportunity_id
        from {{ latest("opportunity") }} as held
        left join crosswalk on held.opportunity_id = crosswalk.from_id and crosswalk.id_kind = 'opportunity'
    ),

    merged as (
        select one_opportunity_id, cast(count(*) as integer) as delivered_count
        from named
        inner join survivors on named.one_opportunity_id = survivors.to_id
        group by one_opportunity_id
        having count(*) > 1
    ),

    -- Who took over tells it, then the one that others were merged into: a deal is won once.
    ranked as (
        select
            named.*,
            merged.delivered_count,
            row_number() over (
                partition by named.one_opportunity_id
                order by
                    {{ answers_since("named", "opportunity") }} desc,
                    case when named.opportunity_id = named.one_opportunity_id then 0 else 1 end,
                    named.begun_on desc,
                    named.opportunity_id
            ) as place
        from named
        inner join merged on named.one_opportunity_id = merged.one_opportunity_id
    ),

    told as (
        select named.*, 1 as delivered_count, 1 as place
        from named
        left join merged on named.one_opportunity_id = merged.one_opportunity_id
        where merged.one_opportunity_id is null
        union all
        select *
        from ranked
        where place = 1
    ),

    opportunities as (select * from told where {{ is_made_anew("core_opportunity_change", created_on) }}),

    rates as (select * from {{ ref("core_fx_day") }}),

    users as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    versions as (
        select opportunity_id, count(*) as version_count
        from {{ now_known("opportunity") }} as now_known
        where opportunity_id in (select opportunity_id from opportunities)
        group by opportunity_id
    )

select
    opportunities.one_opportunity_id as opportunity_id,
    opportunities.opportunity_id as delivered_opportunity_id,
    coalesce(accounts.to_id, opportunities.account_id, 'unknown') as account_id,
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
    opportunities.delivered_count,
    cast(coalesce(versions.version_count, 1) as integer) as version_count
from opportunities
left join versions on opportunities.opportunity_id = versions.opportunity_id
left join users on opportunities.owner_crm_user_id = users.delivered_crm_user_id
left join crosswalk as accounts on opportunities.account_id = accounts.from_id and accounts.id_kind = 'account'
left join
    rates
    on opportunities.currency = rates.currency
    and {{ rate_day("coalesce(opportunities.closed_on, opportunities.created_on, " ~ as_of_on() ~ ")") }} = rates.day_on
