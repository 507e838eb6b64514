-- Who is employed, as what and under whom; a role only for those who sell.
with
    employees as (select * from {{ ref("prep_adventureworks__employee") }}),

    sales_people as (select * from {{ ref("prep_adventureworks__sales_person") }}),

    managers as (select * from {{ ref("prep_adventureworks__manager") }})

select
    employees.businessentityid,
    {{ adventureworks_user_name("employees.loginid") }} as user_name,
    employees.jobtitle,
    employees.currentflag,
    case
        when sales_people.businessentityid is not null then {{ adventureworks_rep_role("employees.jobtitle") }}
    end as rep_role,
    managers.manager_employee_number,
    employees._source,
    employees._extract_date
from employees
left join
    sales_people
    on {{ same_extract("employees", "sales_people") }}
    and employees.businessentityid = sales_people.businessentityid
left join
    managers
    on {{ same_extract("employees", "managers") }}
    and cast(employees.businessentityid as varchar) = managers.employee_number
