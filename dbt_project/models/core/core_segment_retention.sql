-- What the customers of a year came to in the next: kept at most what it was (gross), and whatever it was (net). A
-- customer is in the segment in which it was won. A year that still runs says nothing yet.
with
    years as ({{ kept_years() }}),

    segments as (
        select account_id, segment_type, segment from {{ ref("core_customer_segment") }} where lens = 'as_sold'
    ),

    pairs as (
        select
            before.account_id,
            before.fiscal_year + 1 as fiscal_year,
            before.basis,
            before.revenue_amount as before_amount,
            greatest(coalesce(after.revenue_amount, 0), 0) as after_amount
        from years as before
        left join
            years as after
            on before.account_id = after.account_id
            and before.fiscal_year + 1 = after.fiscal_year
            and before.basis = after.basis
        where
            before.revenue_amount > 0 and {{ fiscal_year_end_on("before.fiscal_year + 1") }} <= {{ as_of_on() }}
            {{ and_is_as_long_as_the_one_before("before.fiscal_year + 1") }}
    )

select
    segments.segment_type,
    segments.segment,
    pairs.fiscal_year,
    pairs.basis,
    cast(count(*) as integer) as customers_before,
    cast(sum(case when pairs.after_amount > 0 then 1 else 0 end) as integer) as customers_retained,
    {{ sum_amount("pairs.before_amount") }} as before_amount,
    {{ sum_amount("least(pairs.before_amount, pairs.after_amount)") }} as gross_retained_amount,
    {{ sum_amount("pairs.after_amount") }} as net_retained_amount
from pairs
inner join segments on pairs.account_id = segments.account_id
group by 1, 2, 3, 4
