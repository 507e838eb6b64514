-- Departments have a history; title and manager are known as of the extract only, so earlier versions claim neither.
with
    stays as (select * from {{ ref("prep_adventureworks__employee_department_history") }}),

    employees as (select * from {{ ref("prep_adventureworks__employee") }}),

    sales_people as (select * from {{ ref("prep_adventureworks__sales_person") }}),

    managers as (select * from {{ ref("prep_adventureworks__manager") }}),

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
            employees.jobtitle as job_title,
            case
                when sales_people.businessentityid is not null then {{ adventureworks_rep_role("employees.jobtitle") }}
            end as rep_role,
            managers.manager_employee_number,
            cast(ranked_stays.departmentid as varchar) as team_id,
            ranked_stays.startdate as effective_on,
            ranked_stays._source,
            ranked_stays._extract_date,
            ranked_stays._file,
            ranked_stays._line
        from ranked_stays
        left join
            employees
            on {{ same_extract("ranked_stays", "employees") }}
            and ranked_stays.businessentityid = employees.businessentityid
            and ranked_stays.position_from_last = 1
        left join
            sales_people
            on {{ same_extract("employees", "sales_people") }}
            and employees.businessentityid = sales_people.businessentityid
        left join
            managers
            on {{ same_extract("employees", "managers") }}
            and cast(employees.businessentityid as varchar) = managers.employee_number
    )

select jobs.*, {{ absent_columns("job", ["full_time_pct", "cost_centre", "updated_at", "is_deleted"]) }}
from jobs
