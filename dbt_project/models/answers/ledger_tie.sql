-- The books beside the files, and what the difference is: what one cost centre has too much and another lacks stands
-- in another cost centre; the rest is not in the books, or not in the files.
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

    gaps as (
        select
            *,
            cast(files_amount - books_amount as decimal(18, 4)) as gap_amount,
            abs(files_amount - books_amount) as gap_weight,
            case when files_amount > books_amount then 'files' else 'books' end as larger_side
        from sides
    ),

    larger as (
        select
            *,
            sum(case when gap_amount > 0 then gap_amount else 0 end) over by_kind as more_in_files_amount,
            sum(case when gap_amount < 0 then - gap_amount else 0 end) over by_kind as more_in_books_amount
        from gaps
        window by_kind as (partition by month_on, ledger_kind, currency)
    ),

    crossed as (
        select *, cast(least(more_in_files_amount, more_in_books_amount) as decimal(18, 4)) as crossed_amount
        from larger
        where gap_amount <> 0
    ),

    named as (
        {{
            allocate(
                "crossed",
                whole=["month_on", "ledger_kind", "currency", "larger_side"],
                part=["cost_centre"],
                amounts=["crossed_amount"],
                weight="gap_weight",
                into=["elsewhere_amount"],
            )
        }}
    )

select
    gaps.month_on,
    gaps.cost_centre,
    gaps.ledger_kind,
    gaps.currency,
    gaps.books_amount,
    {% for kind in ["payroll", "expenses", "marketing"] %}
        cast(
            case when gaps.ledger_kind = '{{ kind }}' then gaps.files_amount else 0 end as decimal(18, 4)
        ) as {{ kind }}_amount,
    {% endfor %}
    gaps.gap_amount as files_less_books_amount,
    cast(
        case when gaps.gap_amount > 0 then gaps.gap_amount - named.elsewhere_amount else 0 end as decimal(18, 4)
    ) as not_in_books_amount,
    cast(
        case when gaps.gap_amount < 0 then - gaps.gap_amount - named.elsewhere_amount else 0 end as decimal(18, 4)
    ) as not_in_files_amount,
    cast(coalesce(sign(gaps.gap_amount) * named.elsewhere_amount, 0) as decimal(18, 4)) as other_cost_centre_amount
from gaps
left join
    named
    on gaps.month_on = named.month_on
    and gaps.cost_centre = named.cost_centre
    and gaps.ledger_kind = named.ledger_kind
    and gaps.currency = named.currency
