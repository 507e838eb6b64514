-- What managing cost, carried by those who were managed: of a manager's month, after the hours of coaching, the
-- percentage of the rule, for those of the days employed on which anybody reported to the manager, goes by days to the
-- employed reps who did, days of leave off. The rest is the manager's own.
with
    paid as (select * from {{ ref("core_paid_month") }}),

    coaching as (
        select
            from_crm_user_id,
            from_employee_number,
            month_on,
            currency,
            is_estimated,
            {{ summed_in_bases("cost_amount") }},
            {{ sum_amount("cost_local_amount") }} as cost_local_amount
        from {{ ref("core_coaching_share") }}
        group by 1, 2, 3, 4, 5
    ),

    rules as (
        select coalesce(pool_pct, 100) as pool_pct, valid_from_on, valid_to_on, _file, _line
        from {{ now_known("allocation_rule") }}
        where lower(pool_kind) = 'management'
    ),

    users as (
        select
            crm_user_id,
            manager_crm_user_id,
            valid_from_on,
            coalesce(
                lead(valid_from_on) over (partition by crm_user_id order by valid_from_on, _source), {{ end_of_time() }}
            ) as valid_to_on
        from {{ ref("core_crm_user_span") }}
    ),

    stretches as (
        select
            users.manager_crm_user_id,
            months.month_on,
            months.crm_user_id,
            months.employee_number,
            greatest(months.from_on, users.valid_from_on) as from_on,
            least(months.to_on, users.valid_to_on) as to_on
        from {{ ref("core_rep_month") }} as months
        inner join
            users
            on months.crm_user_id = users.crm_user_id
            and users.valid_from_on < months.to_on
            and months.from_on < users.valid_to_on
        where users.manager_crm_user_id <> months.crm_user_id
    ),

    reported as (
        select
            manager_crm_user_id,
            month_on,
            crm_user_id,
            employee_number,
            sum({{ days_between("from_on", "to_on") }}) as days_reported
        from stretches
        group by 1, 2, 3, 4
    ),

    away as (
        select
            users.manager_crm_user_id,
            days.month_on,
            days.crm_user_id,
            days.employee_number,
            cast(sum(days.away_pct) * cast(0.01 as decimal(3, 2)) as decimal(18, 4)) as days_away
        from {{ ref("core_absence") }} as days
        inner join
            users
            on days.crm_user_id = users.crm_user_id
            and users.valid_from_on <= days.day_on
            and days.day_on < users.valid_to_on
        where days.away_pct > 0
        group by 1, 2, 3, 4
    ),

    -- A manager all of whose reps are away keeps the whole cost.
    managed as (
        select
            reported.manager_crm_user_id,
            reported.month_on,
            reported.crm_user_id,
            reported.employee_number,
            cast(reported.days_reported - coalesce(away.days_away, 0) as decimal(18, 4)) as days_managed
        from reported
        left join
            away
            on reported.manager_crm_user_id = away.manager_crm_user_id
            and reported.month_on = away.month_on
            and reported.crm_user_id = away.crm_user_id
            and reported.employee_number = away.employee_number
        where reported.days_reported > coalesce(away.days_away, 0)
    ),

    managers as (select distinct manager_crm_user_id, month_on from managed),

    -- Who is paid for a month of no employment, as after leaving, was there all of it for what is carried.
    tenures as (
        select distinct
            paid.crm_user_id,
            paid.employee_number,
            paid.month_on,
            coalesce(employed.from_on, months.month_on) as from_on,
            coalesce(employed.to_on, months.next_month_on) as to_on
        from paid
        inner join managers on paid.crm_user_id = managers.manager_crm_user_id and paid.month_on = managers.month_on
        inner join {{ ref("core_month") }} as months on paid.month_on = months.month_on
        left join
            {{ ref("core_rep_month") }} as employed
            on paid.crm_user_id = employed.crm_user_id
            and paid.employee_number = employed.employee_number
            and paid.month_on = employed.month_on
    ),

    {% if management_is_by_days() %}
        managed_stretches as (
            select
                tenures.crm_user_id,
                tenures.employee_number,
                tenures.month_on,
                stretches.crm_user_id as rep_crm_user_id,
                stretches.employee_number as rep_employee_number,
                greatest(stretches.from_on, tenures.from_on) as from_on,
                least(stretches.to_on, tenures.to_on) as to_on,
                case
                    when
                        away.crm_user_id is null
                        and stretches.from_on <= tenures.from_on
                        and tenures.to_on <= stretches.to_on
                    then 1
                    else 0
                end as is_all_of_it
            from tenures
            inner join
                stretches
                on tenures.crm_user_id = stretches.manager_crm_user_id
                and tenures.month_on = stretches.month_on
            left join
                away
                on stretches.manager_crm_user_id = away.manager_crm_user_id
                and stretches.month_on = away.month_on
                and stretches.crm_user_id = away.crm_user_id
                and stretches.employee_number = away.employee_number
            where stretches.from_on < tenures.to_on and tenures.from_on < stretches.to_on
        ),

        -- Most managers have a report all month: only the others are looked at day by day.
        whole_months as (
            select distinct crm_user_id, employee_number, month_on from managed_stretches where is_all_of_it = 1
        ),

        partly_managed as (
            select managed_stretches.*
            from managed_stretches
            left join
                whole_months
                on managed_stretches.crm_user_id = whole_months.crm_user_id
                and managed_stretches.employee_number = whole_months.employee_number
                and managed_stretches.month_on = whole_months.month_on
            where whole_months.crm_user_id is null
        ),

        spine as ({{ dbt.date_spine("day", "cast('1950-01-01' as date)", add_months(month_on(as_of_on()), 1)) }}),

        report_days as (
            select
                partly_managed.crm_user_id,
                partly_managed.employee_number,
                partly_managed.month_on,
                count(distinct spine.date_day) as days_with_reports
            from partly_managed
            inner join spine on partly_managed.from_on <= spine.date_day and spine.date_day < partly_managed.to_on
            left join
                {{ ref("core_absence") }} as days
                on partly_managed.rep_crm_user_id = days.crm_user_id
                and partly_managed.rep_employee_number = days.employee_number
                and spine.date_day = days.day_on
            where coalesce(days.away_pct, 0) < 100
            group by 1, 2, 3
        ),

    {% endif %}

    managed_days as (
        select
            tenures.*,
            {{ days_between("tenures.from_on", "tenures.to_on") }} as days_employed,
            {% if management_is_by_days() %}
                case
                    when whole_months.crm_user_id is not null
                    then {{ days_between("tenures.from_on", "tenures.to_on") }}
                    else coalesce(report_days.days_with_reports, 0)
                end as days_with_reports
            {% else %} {{ days_between("tenures.from_on", "tenures.to_on") }} as days_with_reports
            {% endif %}
        from tenures
        {% if management_is_by_days() %}
            left join
                whole_months
                on tenures.crm_user_id = whole_months.crm_user_id
                and tenures.employee_number = whole_months.employee_number
                and tenures.month_on = whole_months.month_on
            left join
                report_days
                on tenures.crm_user_id = report_days.crm_user_id
                and tenures.employee_number = report_days.employee_number
                and tenures.month_on = report_days.month_on
        {% endif %}
    ),

    halves as (
        select
            paid.crm_user_id as from_crm_user_id,
            paid.employee_number as from_employee_number,
            paid.month_on,
            paid.currency,
            paid.is_estimated,
            {{ renamed_in_bases("cost_amount", "whole_cost_amount", "paid") }},
            paid.cost_local_amount as whole_cost_local_amount,
            {% for basis in var("bases") %}
                {%- set cost_amount = based("cost_amount", basis) %}
                paid.{{ cost_amount }} - coalesce(coaching.{{ cost_amount }}, 0) as {{ based("left_amount", basis) }},
            {% endfor %}
            paid.cost_local_amount - coalesce(coaching.cost_local_amount, 0) as left_local_amount,
            halves.half,
            -- To be shown; what is carried is divided once, by whole days.
            round(
                cast(rules.pool_pct * managed_days.days_with_reports as double) / managed_days.days_employed, 10
            ) as carried_pct,
            rules._file as rule_file,
            rules._line as rule_line,
            case
                when halves.half = 'managed'
                then rules.pool_pct * managed_days.days_with_reports
                else 100 * managed_days.days_employed - rules.pool_pct * managed_days.days_with_reports
            end as half_weight
        from paid
        inner join
            managed_days
            on paid.crm_user_id = managed_days.crm_user_id
            and paid.employee_number = managed_days.employee_number
            and paid.month_on = managed_days.month_on
        inner join rules on rules.valid_from_on <= paid.month_on and paid.month_on < rules.valid_to_on
        cross join
            (
                select 'managed' as half
                union all
                select 'own'
            ) as halves
        left join
            coaching
            on paid.crm_user_id = coaching.from_crm_user_id
            and paid.employee_number = coaching.from_employee_number
            and paid.month_on = coaching.month_on
            and paid.currency = coaching.currency
            and paid.is_estimated = coaching.is_estimated
    ),

    halved as (
        {{
            allocate(
                "halves",
                whole=["from_crm_user_id", "from_employee_number", "month_on", "currency", "is_estimated"],
                part=["half"],
                amounts=in_bases(["left_amount"]) + ["left_local_amount"],
                weight="half_weight",
                into=in_bases(["half_amount"]) + ["half_local_amount"],
            )
        }}
    ),

    carriers as (
        select
            halved.from_crm_user_id,
            halved.from_employee_number,
            halved.month_on,
            halved.currency,
            halved.is_estimated,
            {{ in_bases(["whole_cost_amount", "half_amount"], "halved") | join(", ") }},
            halved.whole_cost_local_amount,
            halved.half_local_amount,
            managed.crm_user_id,
            managed.employee_number,
            managed.days_managed,
            managed.days_managed as carried_weight,
            sum(managed.days_managed) over (
                partition by
                    halved.from_crm_user_id,
                    halved.from_employee_number,
                    halved.month_on,
                    halved.currency,
                    halved.is_estimated
            ) as carried_weight_total,
            halved.carried_pct,
            halved.rule_file,
            halved.rule_line
        from halved
        inner join
            managed on halved.from_crm_user_id = managed.manager_crm_user_id and halved.month_on = managed.month_on
        where halved.half = 'managed' and halved.half_weight > 0
    ),

    carried as (
        {{
            allocate(
                "carriers",
                whole=["from_crm_user_id", "from_employee_number", "month_on", "currency", "is_estimated"],
                part=["crm_user_id", "employee_number"],
                amounts=in_bases(["half_amount"]) + ["half_local_amount"],
                weight="days_managed",
                into=in_bases(["cost_amount"]) + ["cost_local_amount"],
            )
        }}
    )

select
    from_crm_user_id,
    from_employee_number,
    month_on,
    currency,
    is_estimated,
    crm_user_id,
    employee_number,
    {{ in_bases(["cost_amount", "whole_cost_amount"]) | join(", ") }},
    cost_local_amount,
    whole_cost_local_amount,
    carried_weight,
    cast(carried_weight_total as decimal(18, 4)) as carried_weight_total,
    'days' as carried_key,
    cast(carried_pct as decimal(18, 10)) as carried_pct,
    rule_file,
    rule_line
from carried
