-- Every pay item and expense line that was delivered, with whose cost it is: a rep's, the unknown member's, or
-- nobody's and why.
with
    pay as (
        select
            employee_number,
            cast(null as varchar) as email,
            lower(component) as component,
            period_start_on as spent_on,
            pay_amount as cost_local_amount,
            currency,
            cast(null as varchar) as status,
            _file,
            _line
        from {{ latest("pay_item") }}
    ),

    expenses as (
        select
            claimant_employee_number,
            lower(claimant_email),
            'expenses',
            spent_on,
            expense_amount,
            currency,
            lower(status),
            _file,
            _line
        from {{ latest("expense_line") }}
    ),

    lines as (
        select *
        from pay
        union all
        select *
        from expenses
    ),

    employees as (select employee_number, lower(email) as email from {{ last_known("employee") }}),

    emails as (
        select email, min(employee_number) as employee_number
        from employees
        where email is not null
        group by email
        having count(*) = 1
    ),

    reps as (select crm_user_id, employee_number, lower(email) as email from {{ ref("core_rep") }}),

    rep_emails as (
        select email, min(crm_user_id) as crm_user_id
        from reps
        where email is not null
        group by email
        having count(*) = 1
    ),

    jobs as (select employee_number, rep_role from {{ last_known("job") }}),

    rates as (select * from {{ ref("core_fx_day") }}),

    people as (
        select
            lines.component,
            lines.spent_on,
            lines.cost_local_amount,
            lines.currency,
            lines.status,
            lines._file,
            lines._line,
            coalesce(employees.employee_number, emails.employee_number) as known_employee_number,
            coalesce(lines.employee_number, emails.employee_number, 'unknown') as employee_number,
            coalesce(by_employee.crm_user_id, rep_emails.crm_user_id) as rep_crm_user_id
        from lines
        left join employees on lines.employee_number = employees.employee_number
        left join emails on employees.employee_number is null and lines.email = emails.email
        left join
            reps as by_employee
            on coalesce(employees.employee_number, emails.employee_number) = by_employee.employee_number
        left join rep_emails on by_employee.crm_user_id is null and lines.email = rep_emails.email
    ),

    attributed as (
        select
            people.*,
            case
                when people.status in ('rejected', 'withdrawn')
                then people.status
                when people.rep_crm_user_id is not null
                then null
                when people.known_employee_number is null or jobs.rep_role is not null
                then null
                else 'not a rep'
            end as nobodys_reason
        from people
        left join jobs on people.known_employee_number = jobs.employee_number
    )

select
    case when nobodys_reason is null then coalesce(rep_crm_user_id, 'unknown') end as crm_user_id,
    employee_number,
    nobodys_reason,
    {{ month_on("spent_on") }} as month_on,
    {{ fiscal_year("spent_on") }} as fiscal_year,
    component,
    attributed.currency,
    rates.fx_rate_id,
    cost_local_amount,
    {{ money_product("cost_local_amount", "rates.fx_rate") }} as cost_amount,
    _file,
    _line
from attributed
left join rates on attributed.currency = rates.currency and {{ rate_day("attributed.spent_on") }} = rates.day_on
