-- Departments have a history; title and manager are known as of the extract only, so earlier versions claim neither.
with
    stays as (select * from {{ ref("prep_adventureworks__employee_department_history") }}),

    people as (select * from {{ ref("prep_adventureworks__person") }}),

    ranked_stays as (
        select
            *,
            row_number() over (
                partition by _source, _extract_date, businessentityid order by startdate desc, departmentid
            ) as position_from_last
        from stays
    ),

    jobs as (
        select
            cast(ranked_stays.businessentityid as varchar) as employee_number,
            people.jobtitle as job_title,
            people.rep_role,
            people.manager_employee_number,
            cast(ranked_stays.departmentid as varchar) as team_id,
            ranked_stays.startdate as effective_on,
            ranked_stays._source,
            ranked_stays._extract_date,
            ranked_stays._file,
            ranked_stays._line
        from ranked_stays
        left join
            people
            on {{ same_extract("ranked_stays", "people") }}
            and ranked_stays.businessentityid = people.businessentityid
            and ranked_stays.position_from_last = 1
    )

select jobs.*, {{ absent_columns("job", ["full_time_pct", "cost_centre", "updated_at", "is_deleted"]) }}
from jobs
