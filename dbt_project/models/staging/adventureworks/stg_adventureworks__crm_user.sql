with
    sales_people as (select * from {{ ref("prep_adventureworks__sales_person") }}),

    employees as (select * from {{ ref("prep_adventureworks__employee") }}),

    stays as (select * from {{ ref("prep_adventureworks__employee_department_history") }}),

    departments as (select * from {{ ref("prep_adventureworks__department") }}),

    managers as (select * from {{ ref("prep_adventureworks__manager") }}),

    teams as (
        select stays.businessentityid, departments.departmentid, departments.name, stays._source, stays._extract_date
        from stays
        inner join
            departments on {{ same_extract("stays", "departments") }} and stays.departmentid = departments.departmentid
        where stays.startdate <= stays._extract_date and (stays.enddate is null or stays.enddate >= stays._extract_date)
    ),

    -- A manager who does not sell (the vice president) is no user of the CRM, and can't be pointed to.
    selling_managers as (
        select managers.employee_number, managers.manager_employee_number, managers._source, managers._extract_date
        from managers
        inner join
            sales_people
            on {{ same_extract("managers", "sales_people") }}
            and managers.manager_employee_number = cast(sales_people.businessentityid as varchar)
    ),

    crm_users as (
        select
            cast(sales_people.businessentityid as varchar) as crm_user_id,
            {{ adventureworks_user_name("employees.loginid") }} as user_name,
            cast(sales_people.businessentityid as varchar) as employee_number,
            {{ adventureworks_rep_role("employees.jobtitle") }} as rep_role,
            selling_managers.manager_employee_number as manager_crm_user_id,
            cast(teams.departmentid as varchar) as team_id,
            teams.name as team_name,
            employees.currentflag as is_active,
            sales_people._source,
            sales_people._extract_date,
            sales_people._file,
            sales_people._line
        from sales_people
        left join
            employees
            on {{ same_extract("sales_people", "employees") }}
            and sales_people.businessentityid = employees.businessentityid
        left join
            teams
            on {{ same_extract("sales_people", "teams") }}
            and sales_people.businessentityid = teams.businessentityid
        left join
            selling_managers
            on {{ same_extract("sales_people", "selling_managers") }}
            and cast(sales_people.businessentityid as varchar) = selling_managers.employee_number
    )

select
    crm_users.*,
    {{ absent_columns("crm_user", ["email", "created_by", "modified_by", "effective_on", "updated_at", "is_deleted"]) }}
from crm_users
