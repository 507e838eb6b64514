-- What a coach's hours cost: the coach's month, shared by the hours of the sessions and the rest of the hours that
-- full time has in a month. Beyond these hours sessions share all of it.
with
    paid as (select * from {{ ref("core_paid_month") }}),

    sessions as (
        select coach_crm_user_id, month_on, crm_user_id, employee_number, sum(hours) as hours
        from {{ ref("core_coaching_line") }}
        where crm_user_id is not null and crm_user_id <> coach_crm_user_id and hours > 0
        group by 1, 2, 3, 4
    ),

    parts as (
        select *
        from sessions
        union all
        select
            coach_crm_user_id,
            month_on,
            cast(null as varchar),
            cast(null as varchar),
            {{ full_time_hours("month_on") }} - sum(hours)
        from sessions
        group by 1, 2
        having sum(hours) < {{ full_time_hours("month_on") }}
    ),

    weighted as (
        select
            paid.crm_user_id as from_crm_user_id,
            paid.employee_number as from_employee_number,
            paid.month_on,
            paid.currency,
            {{ renamed_in_bases("cost_amount", "whole_cost_amount", "paid") }},
            paid.cost_local_amount as whole_cost_local_amount,
            parts.crm_user_id,
            parts.employee_number,
            parts.hours
        from parts
        inner join paid on parts.coach_crm_user_id = paid.crm_user_id and parts.month_on = paid.month_on
    ),

    shared as (
        {{
            allocate(
                "weighted",
                whole=["from_crm_user_id", "from_employee_number", "month_on", "currency"],
                part=["crm_user_id", "employee_number"],
                amounts=in_bases(["whole_cost_amount"]) + ["whole_cost_local_amount"],
                weight="hours",
                into=in_bases(["cost_amount"]) + ["cost_local_amount"],
            )
        }}
    )

select
    from_crm_user_id,
    from_employee_number,
    month_on,
    currency,
    crm_user_id,
    employee_number,
    {{ in_bases(["cost_amount", "whole_cost_amount"]) | join(", ") }},
    cost_local_amount,
    whole_cost_local_amount
from shared
where crm_user_id is not null
