-- The books beside the files, and what the difference is. Why two sums differ can't be seen in them. Only where
-- what one cost centre has too much is, to the last decimal, what another lacks is it told as standing in another
-- cost centre; if there is one more on one side than on the other, nobody can say which, and all stay not in the
-- books or the files.
with
    sides as (
        select
            month_on,
            cost_centre,
            ledger_kind,
            currency,
            {{ sum_amount("case when side = 'books' then local_amount end") }} as books_amount,
            {{ sum_amount("case when side = 'files' then local_amount end") }} as files_amount
        from {{ ref("core_ledger_line") }}
        group by 1, 2, 3, 4
    ),

    gaps as (select *, cast(files_amount - books_amount as decimal(18, 4)) as gap_amount from sides),

    named as (
        select
            *, sum(gap_amount) over (partition by month_on, ledger_kind, currency, abs(gap_amount)) = 0 as is_elsewhere
        from gaps
    )

select
    month_on,
    cost_centre,
    ledger_kind,
    currency,
    books_amount,
    {% for kind in ["payroll", "expenses", "marketing"] %}
        cast(case when ledger_kind = '{{ kind }}' then files_amount else 0 end as decimal(18, 4)) as {{ kind }}_amount,
    {% endfor %}
    gap_amount as files_less_books_amount,
    cast(
        case when gap_amount > 0 and not is_elsewhere then gap_amount else 0 end as decimal(18, 4)
    ) as not_in_books_amount,
    cast(
        case when gap_amount < 0 and not is_elsewhere then - gap_amount else 0 end as decimal(18, 4)
    ) as not_in_files_amount,
    cast(case when is_elsewhere then gap_amount else 0 end as decimal(18, 4)) as other_cost_centre_amount
from named
