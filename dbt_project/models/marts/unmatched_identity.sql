-- What nobody could match, and the money that hangs on it: the largest first is where mending pays.
with
    lines as (select * from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }}),

    shares as (
        select
            lines._source as source,
            lines.ordered_on as happened_on,
            shares.crm_user_id,
            shares.unmatched_crm_user_id,
            shares.revenue_amount
        from {{ ref("core_revenue_share") }} as shares
        inner join lines on shares.order_line_id = lines.order_line_id
    ),

    reps as (select crm_user_id from {{ ref("core_rep") }} where employee_number is null),

    customers as (select account_id from {{ ref("core_customer") }} where not is_in_crm),

    opportunities as (select opportunity_id from {{ ref("fct_opportunity") }}),

    -- A line is one, also where a year's end cuts its month.
    costs as (
        select
            employee_number,
            known_employee_number,
            report_id,
            _source,
            {{ month_on("min(month_on)") }} as month_on,
            {{ sum_amount("cost_amount") }} as cost_amount
        from {{ ref("core_cost_line") }}
        where crm_user_id = 'unknown' and month_on < {{ as_of_on() }}
        group by employee_number, known_employee_number, report_id, _source, _file, _line
    ),

    unmatched as (
        select
            'crm_user' as id_kind,
            coalesce(unmatched_crm_user_id, 'unknown') as id,
            source,
            case when unmatched_crm_user_id is null then 'no seller named' else 'no such CRM user' end as reason,
            happened_on,
            revenue_amount,
            cast(null as decimal(18, 4)) as cost_amount
        from shares
        where crm_user_id = 'unknown'
        union all
        select 'crm_user', shares.crm_user_id, source, 'a rep without an employee', happened_on, revenue_amount, null
        from shares
        inner join reps on shares.crm_user_id = reps.crm_user_id
        union all
        select
            'account', lines.account_id, lines._source, 'no such account', lines.ordered_on, lines.revenue_amount, null
        from lines
        inner join customers on lines.account_id = customers.account_id
        union all
        select
            'opportunity',
            lines.opportunity_id,
            lines._source,
            'no such opportunity',
            lines.ordered_on,
            lines.revenue_amount,
            null
        from lines
        left join opportunities on lines.opportunity_id = opportunities.opportunity_id
        where lines.opportunity_id is not null and opportunities.opportunity_id is null
        union all
        select
            case when employee_number = 'unknown' then 'claimant' else 'employee' end,
            case when employee_number = 'unknown' then report_id else employee_number end,
            _source,
            case
                when employee_number = 'unknown'
                then 'no such claimant'
                when known_employee_number is null
                then 'no such employee'
                else 'a rep without a CRM user'
            end,
            month_on,
            null,
            cost_amount
        from costs
    )

select
    id_kind,
    id,
    source,
    reason,
    cast(count(*) as integer) as row_count,
    min(happened_on) as first_on,
    max(happened_on) as last_on,
    cast(sum(revenue_amount) as decimal(18, 4)) as revenue_amount,
    cast(sum(cost_amount) as decimal(18, 4)) as cost_amount
from unmatched
group by id_kind, id, source, reason
