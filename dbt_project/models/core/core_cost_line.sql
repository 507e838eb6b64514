-- Every pay item and expense line that was delivered, with whose cost it is: a rep's, the unknown
-- member's, or nobody's and why. Pay of several months is in each of them by its days. What is paid for days of
-- leave is a row of its own, paid_leave: by the share that paid leave has in the days that the month's pay is for,
-- all of them but unpaid leave.
with
    pay as (
        select
            'pay_item' as entity,
            employee_number,
            cast(null as varchar) as email,
            cast(null as varchar) as report_id,
            lower(component) as component,
            period_start_on as spent_on,
            pay_amount as cost_local_amount,
            currency,
            cast(null as varchar) as status,
            coalesce(is_estimated, false) as is_estimated,
            case when paid_on < {{ as_of_on() }} then paid_on end as paid_on,
            -- Pay is of its period's days, an expense of its day.
            {{ pay_to_on() }} as spent_to_on,
            _source,
            _file,
            _line
        from {{ latest("pay_item") }}
    ),

    expenses as (
        select
            'expense_line',
            claimant_employee_number,
            lower(claimant_email),
            report_id,
            'expenses',
            spent_on,
            expense_amount,
            currency,
            lower(status),
            false,
            null,
            {{ add_days("spent_on", 1) }},
            _source,
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

    reps as (select crm_user_id from {{ ref("core_rep") }}),

    employees as (select distinct employee_number from {{ last_known("employee") }}),

    staff as (
        select employee_number, lower(email) as email, case when is_last_known then 1 else 0 end as is_current
        from {{ now_known("employee") }}
    ),

    users as (
        select
            identity.crm_user_id,
            lower(versions.email) as email,
            case when versions.is_last_known then 1 else 0 end as is_current
        from {{ now_known("crm_user") }} as versions
        inner join {{ ref("core_identity") }} as identity on versions.crm_user_id = identity.delivered_crm_user_id
        inner join reps on identity.crm_user_id = reps.crm_user_id
    ),

    emails as ({{ lone_holders("staff", "email", "employee_number") }}),

    user_emails as ({{ lone_holders("users", "email", "crm_user_id") }}),

    claimants as (
        select crosswalk.from_id as email, employees.employee_number, identity.crm_user_id
        from {{ ref("core_crosswalk") }} as crosswalk
        left join employees on crosswalk.to_id = employees.employee_number
        left join
            {{ ref("core_identity") }} as identity
            on {{ key_where("employees.employee_number is null", "crosswalk.to_id") }} = identity.delivered_crm_user_id
        where crosswalk.id_kind = 'claimant'
    ),

    employments as (select employee_number, crm_user_id from {{ ref("core_employment") }}),

    jobs as (select employee_number, rep_role from {{ last_known("job") }}),

    rates as (select * from {{ ref("core_fx_day") }}),

    people as (
        select
            lines.entity,
            lines.component,
            lines.spent_on,
            lines.cost_local_amount,
            lines.currency,
            lines.status,
            lines.is_estimated,
            lines.paid_on,
            lines.spent_to_on,
            lines._source,
            lines._file,
            lines._line,
            lines.report_id,
            coalesce(
                employees.employee_number, claimants.employee_number, emails.employee_number
            ) as known_employee_number,
            coalesce(
                lines.employee_number, claimants.employee_number, emails.employee_number, 'unknown'
            ) as employee_number,
            coalesce(claimants.crm_user_id, user_emails.crm_user_id) as claiming_crm_user_id
        from lines
        left join employees on lines.employee_number = employees.employee_number
        left join claimants on {{ key_where("employees.employee_number is null", "lines.email") }} = claimants.email
        left join
            emails
            on {{ key_where("employees.employee_number is null and claimants.email is null", "lines.email") }}
            = emails.email
        left join user_emails on {{ key_where("claimants.email is null", "lines.email") }} = user_emails.email
    ),

    matched as (
        select people.*, reps.crm_user_id as rep_crm_user_id
        from people
        left join employments on people.known_employee_number = employments.employee_number
        left join reps on coalesce(employments.crm_user_id, people.claiming_crm_user_id) = reps.crm_user_id
    ),

    attributed as (
        select
            matched.*,
            case
                when matched.status in ('rejected', 'withdrawn')
                then matched.status
                when matched.rep_crm_user_id is not null
                then null
                when matched.known_employee_number is null or jobs.rep_role is not null
                then null
                else 'not a rep'
            end as nobodys_reason
        from matched
        left join jobs on matched.known_employee_number = jobs.employee_number
    ),

    costed as (
        select
            case when nobodys_reason is null then coalesce(rep_crm_user_id, 'unknown') end as crm_user_id,
            employee_number,
            known_employee_number,
            report_id,
            nobodys_reason,
            {{ month_on("spent_on") }} as month_on,
            spent_on as rated_on,
            spent_on as from_on,
            spent_to_on as to_on,
            component,
            entity,
            is_estimated,
            {{ fiscal_year("paid_on") }} as paid_fiscal_year,
            attributed.currency,
            rates.fx_rate_id,
            cost_local_amount,
            {{ money_product("cost_local_amount", "rates.fx_rate") }} as cost_amount,
            {{ other_bases("cost_local_amount", "rates.fx_rate", "cost_amount") }}
            _source,
            _file,
            _line
        from attributed
        left join
            rates on attributed.currency = rates.currency and {{ rate_day("attributed.spent_on") }} = rates.day_on
            {{ join_other_bases("attributed", "spent_on") }}
    ),

    {% set amounts = ["cost_local_amount"] + in_bases(["cost_amount"]) %}
    -- Once converted, so that its months add up to it in each money.
    spread as ({{ spread_over_months("costed", amounts) }}),

    -- First by fiscal years, then by leave: the leave of a month that a year's end cuts may lie in one of them.
    divided as ({{ divided_by_parts("spread", amounts) }}),

    leave_months as (
        select
            employee_number,
            {{ part_on("day_on") }} as month_on,
            sum(case when is_paid then away_pct * full_time_pct else 0 end) as leave_weight,
            sum(case when is_paid then 100 * full_time_pct else (100 - away_pct) * full_time_pct end) as paid_weight
        from {{ ref("core_absence") }}
        group by 1, 2
        having sum(case when is_paid then away_pct * full_time_pct else 0 end) > 0
    ),

    -- In each money the part of the line that is for leave.
    leave_parts as (
        select
            divided.*,
            leave_months.leave_weight is not null as has_leave
            {% for amount in amounts %}
                ,
                case
                    when leave_months.leave_weight is not null
                    then {{ money_part("divided." ~ amount, "leave_months.leave_weight", "leave_months.paid_weight") }}
                end as leave_{{ amount }}
            {% endfor %}
        from divided
        left join
            leave_months
            on {{
                key_where(
                    "divided.entity = 'pay_item' and divided.cost_local_amount <> 0 and divided.component in ('"
                    ~ components_by_days() | join("', '")
                    ~ "')",
                    "divided.known_employee_number",
                )
            }} = leave_months.employee_number
            and divided.month_on = leave_months.month_on
    ),

    with_leave as (
        {% for is_leave in [false, true] %}
            select
                crm_user_id,
                employee_number,
                known_employee_number,
                report_id,
                nobodys_reason,
                month_on,
                rated_on,
                {{ "'paid_leave' as component" if is_leave else "component" }},
                entity,
                is_estimated,
                paid_fiscal_year,
                currency,
                fx_rate_id,
                {% for amount in amounts %}
                    {% if is_leave %} leave_{{ amount }} as {{ amount }},
                    {% else %} cast({{ amount }} - coalesce(leave_{{ amount }}, 0) as decimal(18, 4)) as {{ amount }},
                    {% endif %}
                    case when has_leave then {{ amount }} end as line_{{ amount }},
                {% endfor %}
                _source,
                _file,
                _line
            from leave_parts
            {% if is_leave %} where has_leave
            {% else %}
                union all
            {% endif %}
        {% endfor %}
    )

select *, {{ fiscal_year("month_on") }} as fiscal_year
from with_leave
