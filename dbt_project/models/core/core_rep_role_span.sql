-- In which role each rep was, a span of days at a time: the CRM's of that day, and where it tells none, payroll's.
with
    -- Who left the CRM has the role in which they left.
    users as (
        select
            spans.crm_user_id,
            spans.rep_role,
            spans.valid_from_on,
            coalesce(
                lead(spans.valid_from_on) over (
                    partition by spans.crm_user_id order by spans.valid_from_on, spans._source
                ),
                {{ end_of_time() }}
            ) as valid_to_on
        from {{ ref("core_crm_user_span") }} as spans
        inner join {{ ref("core_rep") }} as reps on spans.crm_user_id = reps.crm_user_id
    ),

    -- The first employment is told of the days before it, and each of those up to the next.
    employments as (
        select
            crm_user_id,
            employee_number,
            case
                when lag(employee_number) over (partition by crm_user_id order by hired_on, employee_number) is null
                then {{ beginning_of_time() }}
                else hired_on
            end as from_on,
            lead(hired_on, 1, {{ end_of_time() }}) over (
                partition by crm_user_id order by hired_on, employee_number
            ) as to_on
        from {{ ref("core_rep_employment") }}
    ),

    jobs as (
        select
            employments.crm_user_id,
            jobs.rep_role,
            greatest(jobs.valid_from_on, employments.from_on) as valid_from_on,
            least(
                coalesce(
                    lead(jobs.valid_from_on) over (
                        partition by jobs.employee_number order by jobs.valid_from_on, jobs._source
                    ),
                    {{ end_of_time() }}
                ),
                employments.to_on
            ) as valid_to_on
        from employments
        inner join {{ now_known("job") }} as jobs on employments.employee_number = jobs.employee_number
    ),

    days as (
        select crm_user_id, valid_from_on as day_on
        from users
        union
        select crm_user_id, valid_from_on
        from jobs
        where valid_from_on < valid_to_on
        union
        select crm_user_id, valid_to_on
        from jobs
        where valid_from_on < valid_to_on
    ),

    spans as (
        select
            crm_user_id,
            day_on as valid_from_on,
            lead(day_on, 1, {{ end_of_time() }}) over (partition by crm_user_id order by day_on) as valid_to_on
        from days
        where day_on < {{ end_of_time() }}
    )

select spans.crm_user_id, spans.valid_from_on, spans.valid_to_on, coalesce(users.rep_role, jobs.rep_role) as rep_role
from spans
left join
    users
    on spans.crm_user_id = users.crm_user_id
    and spans.valid_from_on >= users.valid_from_on
    and spans.valid_from_on < users.valid_to_on
left join
    jobs
    on spans.crm_user_id = jobs.crm_user_id
    and spans.valid_from_on >= jobs.valid_from_on
    and spans.valid_from_on < jobs.valid_to_on
