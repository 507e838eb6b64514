-- Which order line is in what the customers of a year came to then (is_before) and in the next: what
-- core_segment_retention adds up, line by line.
with
    years as (select * from ({{ kept_years() }}) as each where revenue_amount > 0),

    lines as ({{ kept_lines() }}),

    pairs as (
        select
            before.account_id,
            before.fiscal_year as before_year,
            before.basis,
            before.revenue_amount as before_amount,
            after.fiscal_year as after_year,
            after.revenue_amount as after_amount
        from years as before
        left join
            years as after
            on before.account_id = after.account_id
            and before.fiscal_year + 1 = after.fiscal_year
            and before.basis = after.basis
    )

select
    segments.segment_type,
    segments.segment,
    pairs.before_year + 1 as fiscal_year,
    pairs.basis,
    lines.fiscal_year = pairs.before_year as is_before,
    lines.order_line_id,
    case
        when
            row_number() over (
                partition by segments.segment_type, pairs.basis, lines.account_id, pairs.before_year, lines.fiscal_year
                order by lines.order_line_id
            )
            = 1
        then 1
        else 0
    end as customers,
    {{ of_basis("revenue_amount", "lines", "pairs.basis") }} as revenue_amount,
    least(pairs.before_amount, pairs.after_amount) as kept_amount,
    pairs.after_amount
from pairs
inner join {{ ref("core_customer_segment") }} as segments on pairs.account_id = segments.account_id
inner join
    lines
    on pairs.account_id = lines.account_id
    and (lines.fiscal_year = pairs.before_year or lines.fiscal_year = pairs.after_year)
where segments.lens = 'as_sold' {{ and_is_as_long_as_the_one_before("pairs.before_year + 1") }}
