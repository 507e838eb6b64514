{{ config(pre_hook="{{ keep_before() }}") }}
-- What turns the money of each month into that of the base month. A month that was never published, or not yet, takes
-- the index of the month before it.
with
    told as (
        select
            month_on,
            index_value,
            known_from_on as vintage_on,
            _file,
            _line,
            row_number() over (partition by month_on order by _source) as place
        from {{ latest("price_index") }}
        where index_code = {{ text_literal(var("real_index") or "") }} and index_value > 0
    ),

    published as (select * from told where place = 1),

    spine as ({{ dbt.date_spine("month", "cast('1950-01-01' as date)", add_months(month_on(as_of_on()), 1)) }}),

    months as (
        select
            cast(spine.date_month as date) as month_on,
            max(published.month_on) over (order by spine.date_month rows unbounded preceding) as told_month_on
        from spine
        left join published on cast(spine.date_month as date) = published.month_on
    ),

    base as (
        select months.month_on as base_month_on, published.index_value as base_index_value
        from months
        inner join published on months.told_month_on = published.month_on
        where months.month_on = least(cast('{{ var("real_base_month_on") }}' as date), {{ month_on(as_of_on()) }})
    )

select
    months.month_on,
    published.month_on as told_month_on,
    months.month_on <> published.month_on as is_carried,
    published.index_value,
    published.vintage_on,
    base.base_month_on,
    base.base_index_value,
    {{ rate_quotient("base.base_index_value", "published.index_value") }} as deflator,
    published._file,
    published._line
from months
inner join published on months.told_month_on = published.month_on
cross join base
