-- What the books and what the files say of payroll, expenses and marketing, line by line, with month and cost
-- centre: both sides of the tie to the books.
with
    names as (
        select from_code, lower(to_code) as ledger_kind
        from {{ last_known("code_map") }}
        where lower(map_name) = 'ledger_account'
    ),

    balances as (
        select balances.*, coalesce(names.ledger_kind, lower(balances.ledger_account)) as ledger_kind
        from {{ latest("ledger_balance") }} as balances
        left join names on balances.ledger_account = names.from_code
    ),

    books as (
        select
            'books' as side,
            ledger_kind,
            {{ month_on("month_on") }} as month_on,
            case when ledger_kind = 'marketing' then 'unknown' else cost_centre end as cost_centre,
            currency,
            balance_amount as local_amount,
            'ledger_balance' as entity,
            _file,
            _line
        from balances
        where ledger_kind in ('payroll', 'expenses', 'marketing') and month_on < {{ as_of_on() }}
    ),

    -- A month that is missing between two others is one that the books forgot.
    spoken_of as (select min(month_on) as first_month_on, max(month_on) as last_month_on from books),

    jobs as (select employee_number, cost_centre, valid_from_on, valid_to_on from {{ now_known("job") }}),

    costs as (
        select
            case when costs.component = 'expenses' then 'expenses' else 'payroll' end as ledger_kind,
            {{ month_on("costs.month_on") }} as month_on,
            jobs.cost_centre,
            costs.currency,
            coalesce(costs.line_cost_local_amount, costs.cost_local_amount) as cost_local_amount,
            case when costs.component = 'expenses' then 'expense_line' else 'pay_item' end as entity,
            costs._file,
            costs._line
        from {{ ref("core_cost_line") }} as costs
        left join
            jobs
            on costs.known_employee_number = jobs.employee_number
            and jobs.valid_from_on <= {{ month_on("costs.month_on") }}
            and {{ month_on("costs.month_on") }} < jobs.valid_to_on
        where
            coalesce(costs.nobodys_reason, 'someone') not in ('rejected', 'withdrawn')
            -- The books know no leave: the line counts whole.
            and not {{ is_of_leave("costs.") }}
    ),

    files as (
        select
            ledger_kind,
            month_on,
            coalesce(cost_centre, 'unknown') as cost_centre,
            currency,
            cost_local_amount,
            entity,
            _file,
            _line
        from costs
        union all
        select
            'marketing',
            {{ month_on("month_on") }},
            'unknown',
            currency,
            spend_local_amount,
            'marketing_spend',
            _file,
            _line
        from {{ ref("core_marketing_line") }}
    )

select *
from books
union all
select
    'files',
    files.ledger_kind,
    files.month_on,
    files.cost_centre,
    files.currency,
    files.cost_local_amount,
    files.entity,
    files._file,
    files._line
from files
inner join spoken_of on files.month_on >= spoken_of.first_month_on and files.month_on <= spoken_of.last_month_on
