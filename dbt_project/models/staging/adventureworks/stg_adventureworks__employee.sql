with
    source_employees as (select * from {{ ref("prep_adventureworks__employee") }}),

    employees as (
        select
            cast(businessentityid as varchar) as employee_number,
            {{ adventureworks_user_name("loginid") }} as employee_name,
            hiredate as hired_on,
            _source,
            _extract_date,
            _file,
            _line
        from source_employees
    )

select
    employees.*,
    {{ absent_columns("employee", ["email", "left_on", "country_code", "effective_on", "updated_at", "is_deleted"]) }}
from employees
