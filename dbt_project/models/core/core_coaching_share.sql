-- What a coach's hours cost: the coach's month, shared by the hours of the sessions and the rest of the hours that
-- the coach worked in it: of full time the coach's own part, by days. Beyond these hours sessions share all of it.
with
    paid as (select * from {{ ref("core_paid_month") }}),

    sessions as (
        select coach_crm_user_id, month_on, crm_user_id, employee_number, sum(hours) as hours
        from {{ ref("core_coaching_line") }}
        where crm_user_id is not null and crm_user_id <> coach_crm_user_id and hours > 0
        group by 1, 2, 3, 4
    ),

    helped as (select coach_crm_user_id, month_on, sum(hours) as hours from sessions group by 1, 2),

    -- Hours times the days of the month in percent: so no hour is divided. Whose days aren't known works full time.
    worked as (
        select
            helped.coach_crm_user_id,
            helped.month_on,
            helped.hours,
            100 * {{ days_between("months.month_on", "months.next_month_on") }} as hour_weight,
            {{ full_time_hours("months.month_on") }} * coalesce(
                sum(coaches.full_time_pct_days), 100 * {{ days_between("months.month_on", "months.next_month_on") }}
            ) as worked_weight
        from helped
        inner join {{ ref("core_month") }} as months on helped.month_on = months.month_on
        left join
            {{ ref("core_rep_month") }} as coaches
            on helped.coach_crm_user_id = coaches.crm_user_id
            and helped.month_on = coaches.month_on
        group by helped.coach_crm_user_id, helped.month_on, helped.hours, months.month_on, months.next_month_on
    ),

    parts as (
        select
            sessions.coach_crm_user_id,
            sessions.month_on,
            sessions.crm_user_id,
            sessions.employee_number,
            sessions.hours * worked.hour_weight as weight,
            sessions.hours,
            greatest(
                worked.hours,
                cast(round(cast(worked.worked_weight as double) / worked.hour_weight, 4) as decimal(18, 4))
            ) as hours_worked
        from sessions
        inner join
            worked on sessions.coach_crm_user_id = worked.coach_crm_user_id and sessions.month_on = worked.month_on
        union all
        select
            coach_crm_user_id,
            month_on,
            cast(null as varchar),
            cast(null as varchar),
            worked_weight - hours * hour_weight,
            null,
            null
        from worked
        where worked_weight > hours * hour_weight
    ),

    weighted as (
        select
            paid.crm_user_id as from_crm_user_id,
            paid.employee_number as from_employee_number,
            paid.month_on,
            paid.currency,
            paid.is_estimated,
            {{ renamed_in_bases("cost_amount", "whole_cost_amount", "paid") }},
            paid.cost_local_amount as whole_cost_local_amount,
            parts.crm_user_id,
            parts.employee_number,
            parts.weight,
            parts.hours as carried_weight,
            parts.hours_worked as carried_weight_total
        from parts
        inner join paid on parts.coach_crm_user_id = paid.crm_user_id and parts.month_on = paid.month_on
    ),

    shared as (
        {{
            allocate(
                "weighted",
                whole=["from_crm_user_id", "from_employee_number", "month_on", "currency", "is_estimated"],
                part=["crm_user_id", "employee_number"],
                amounts=in_bases(["whole_cost_amount"]) + ["whole_cost_local_amount"],
                weight="weight",
                into=in_bases(["cost_amount"]) + ["cost_local_amount"],
            )
        }}
    )

select
    from_crm_user_id,
    from_employee_number,
    month_on,
    currency,
    is_estimated,
    crm_user_id,
    employee_number,
    {{ in_bases(["cost_amount", "whole_cost_amount"]) | join(", ") }},
    cost_local_amount,
    whole_cost_local_amount,
    carried_weight,
    carried_weight_total,
    'hours' as carried_key,
    cast(null as decimal(18, 4)) as carried_pct,
    cast(null as varchar) as rule_file,
    cast(null as bigint) as rule_line
from shared
where crm_user_id is not null
