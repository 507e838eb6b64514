with
    sales_people as (select * from {{ ref("prep_adventureworks__sales_person") }}),

    people as (select * from {{ ref("prep_adventureworks__person") }}),

    stays as (select * from {{ ref("prep_adventureworks__employee_department_history") }}),

    departments as (select * from {{ ref("prep_adventureworks__department") }}),

    teams as (
        select stays.businessentityid, departments.departmentid, departments.name, stays._source, stays._extract_date
        from stays
        inner join
            departments on {{ same_extract("stays", "departments") }} and stays.departmentid = departments.departmentid
        where stays.startdate <= stays._extract_date and (stays.enddate is null or stays.enddate >= stays._extract_date)
    ),

    -- A manager who does not sell (the vice president) is no user of the CRM, and can't be pointed to.
    crm_users as (
        select
            cast(sales_people.businessentityid as varchar) as crm_user_id,
            people.user_name,
            cast(sales_people.businessentityid as varchar) as employee_number,
            coalesce(people.rep_role, 'rep') as rep_role,
            cast(managers.businessentityid as varchar) as manager_crm_user_id,
            cast(teams.departmentid as varchar) as team_id,
            teams.name as team_name,
            people.currentflag as is_active,
            sales_people._source,
            sales_people._extract_date,
            sales_people._file,
            sales_people._line
        from sales_people
        left join
            people
            on {{ same_extract("sales_people", "people") }}
            and sales_people.businessentityid = people.businessentityid
        left join
            teams
            on {{ same_extract("sales_people", "teams") }}
            and sales_people.businessentityid = teams.businessentityid
        left join
            sales_people as managers
            on {{ same_extract("people", "managers") }}
            and people.manager_employee_number = cast(managers.businessentityid as varchar)
    )

select
    crm_users.*,
    {{ absent_columns("crm_user", ["email", "created_by", "modified_by", "effective_on", "updated_at", "is_deleted"]) }}
from crm_users
