-- Each coaching session, with who was helped and who helped as figures show them, and its cost beside the hours.
with
    sessions as (select * from {{ latest("coaching") }}),

    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    reps as (
        select identity.delivered_crm_user_id, reps.crm_user_id, reps.employee_number
        from {{ ref("core_rep") }} as reps
        inner join identity on reps.crm_user_id = identity.crm_user_id
    ),

    months as (select * from {{ ref("core_rep_month") }} where is_last),

    rates as (select * from {{ ref("core_fx_day") }})

select
    sessions.programme,
    sessions.session_on,
    {{ part_on("sessions.session_on") }} as month_on,
    helped.crm_user_id,
    coalesce(months.employee_number, helped.employee_number, 'unknown') as employee_number,
    case when helped.crm_user_id is null then 'nobody known was coached' end as nobodys_reason,
    coaches.crm_user_id as coach_crm_user_id,
    coalesce(sessions.hours, 0) as hours,
    sessions.coaching_cost_amount as cost_local_amount,
    sessions.currency,
    rates.fx_rate_id,
    {{ money_product("sessions.coaching_cost_amount", "rates.fx_rate") }} as cost_amount,
    {{ other_bases("sessions.coaching_cost_amount", "rates.fx_rate", "cost_amount") }}
    sessions._file,
    sessions._line
from sessions
left join reps as helped on sessions.crm_user_id = helped.delivered_crm_user_id
left join reps as coaches on sessions.coached_by = coaches.delivered_crm_user_id
left join months on helped.crm_user_id = months.crm_user_id and {{ part_on("sessions.session_on") }} = months.month_on
left join
    rates on sessions.currency = rates.currency and {{ rate_day("sessions.session_on") }} = rates.day_on
    {{ join_other_bases("sessions", "session_on") }}
