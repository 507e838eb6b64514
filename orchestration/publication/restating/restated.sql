-- Figures that are no sums of lines: what touched that on which a cell stands, shares its change by the size of what it moved there. What rounding
-- leaves is the largest one's. Where the settings or a definition are others, what a cell stands on was counted otherwise, and nothing is shared.
create temp table divided as
with
    stands_on as (
        select table_name, row_key, column_name, reading, holders, lens, basis, change_amount, unnest(kinds) as kind, fiscal_years
        from cell
        where len(kinds) > 0 and change_amount <> 0 and getvariable('other') = ''
    ),

    held_by as (select * exclude (holders), unnest(holders) as holder from stands_on),

    yearly as (select * exclude (fiscal_years), unnest(fiscal_years) as fiscal_year from held_by),

    touched as (
        select yearly.table_name, yearly.row_key, yearly.column_name, yearly.change_amount, touch.because,
            greatest(sum(touch.touched_amount), 0.0001) as touched_amount
        from yearly
        inner join touch
            on yearly.kind = touch.kind
            and yearly.reading = touch.reading
            and yearly.holder = touch.holder
            and yearly.lens = touch.lens
            and yearly.basis = touch.basis
            and yearly.fiscal_year = touch.fiscal_year
        group by 1, 2, 3, 4, 5
    ),

    shared as (
        select
            *,
            row_number() over (partition by table_name, row_key, column_name order by touched_amount desc, because) as place,
            cast(
                cast(change_amount as double) * touched_amount / sum(touched_amount) over (partition by table_name, row_key, column_name) as decimal(18, 4)
            ) as part_amount
        from touched
    )
select
    table_name, row_key, column_name, because,
    if(place = 1, change_amount - sum(part_amount) over (partition by table_name, row_key, column_name) + part_amount, part_amount) as amount
from shared;

create temp table restated as
with
    explained as (
        select moved.table_name, moved.row_key, moved.column_name, moved.because as cause, sum(moved.amount) as change_amount,
            sum(case when moved.is_closed then moved.amount when not moved.is_closed then 0 end) as closed_change_amount
        from moved_cell as moved
        semi join (select * from cell where len(kinds) = 0) as cells
            on moved.table_name = cells.table_name and moved.row_key = cells.row_key and moved.column_name = cells.column_name
        group by 1, 2, 3, 4
        union all
        select table_name, row_key, column_name, because, amount, null from divided
    ),

    told as (
        select table_name, row_key, column_name, sum(change_amount) as told_amount, arg_max(cause, (abs(change_amount), cause)) as largest_cause
        from explained
        group by 1, 2, 3
    ),

    -- A book is divided by twelve, cause by cause, and a month that has ended since adds all that its customers had brought.
    rest as (
        select
            cells.table_name, cells.row_key, cells.column_name,
            case
                when cells.reading = 'book' and abs(cells.change_amount - coalesce(told.told_amount, 0)) < 0.01 and told.largest_cause is not null
                then told.largest_cause
                when cells.reading = 'book' and getvariable('other') = '' and passed.fiscal_year is not null
                then 'new'
                else getvariable('rest')
            end as cause,
            cells.change_amount - coalesce(told.told_amount, 0) as change_amount
        from cell as cells
        left join told on cells.table_name = told.table_name and cells.row_key = told.row_key and cells.column_name = told.column_name
        left join (
            select distinct fiscal_year
            from month_end
            where last_day_on >= getvariable('from_as_of') and last_day_on < getvariable('to_as_of')
        ) as passed on cells.fiscal_years[1] = passed.fiscal_year
        where cells.column_name <> 'net_value_amount'
    ),

    summed as (
        select table_name, row_key, column_name, cause, sum(change_amount) as change_amount, sum(closed_change_amount) as closed_change_amount
        from (select * from explained union all select *, null from rest where change_amount <> 0) as caused
        group by 1, 2, 3, 4
    ),

    -- What is left of value when cost is off is moved by what moved either.
    caused as (
        select * from summed
        union all
        select summed.table_name, summed.row_key, 'net_value_amount', summed.cause, sum(if(summed.column_name = 'value_amount', 1, -1) * summed.change_amount),
            sum(if(summed.column_name = 'value_amount', 1, -1) * summed.closed_change_amount)
        from summed
        semi join (select * from cell where column_name = 'net_value_amount') as cells
            on summed.table_name = cells.table_name and summed.row_key = cells.row_key
        where summed.column_name in ('value_amount', 'cost_amount')
        group by 1, 2, 4
    )
select table_name, row_key, column_name, cause, getvariable('from_id') as from_publication, getvariable('to_id') as to_publication,
    cast(change_amount as decimal(18, 4)) as change_amount, cast(closed_change_amount as decimal(18, 4)) as closed_change_amount
from caused
where change_amount <> 0 or closed_change_amount <> 0
order by 1, 2, 3, 4;
