-- Figures that are no sums of lines. What touched that on which a cell stands is named, and nothing else. One cause
-- takes all; of several, each has what it moved if that adds up to the change; else what is firm stays, and the
-- others share what is left as they moved it, or by its size where that is not known in money or would point
-- elsewhere. What rounding leaves is the largest one's. Where the settings or a definition are others, all is counted
-- otherwise, and nothing is shared.
create temp table divided as
with
    stands_on as (
        select row_number, column_name, reading, holders, lens, basis, change_amount, unnest(kinds) as kind,
            fiscal_years
        from numbered_cell
        where len(kinds) > 0 and change_amount <> 0 and getvariable('other') = ''
    ),

    held_by as (select * exclude (holders), unnest(holders) as holder from stands_on),

    yearly as (select * exclude (fiscal_years), unnest(fiscal_years) as fiscal_year from held_by),

    touched as (
        select
            yearly.row_number, yearly.column_name, yearly.change_amount, touch.because,
            sum(touch.moved_amount) as money_amount,
            if(count(touch.moved_amount) = count(*), money_amount, null) as moved_amount,
            coalesce(sum(touch.moved_amount) filter (touch.is_firm), 0) as firm_amount,
            bool_or(not touch.is_firm) as is_open,
            greatest(sum(touch.touched_amount) filter (not touch.is_firm), 0.0001) as size
        from yearly
        inner join touch
            on yearly.kind = touch.kind
            and yearly.reading = touch.reading
            and yearly.holder = touch.holder
            and yearly.lens = touch.lens
            and yearly.basis = touch.basis
            and yearly.fiscal_year = touch.fiscal_year
        group by 1, 2, 3, 4
    ),

    summed as (
        select
            *,
            sum(money_amount) over of_cell as all_moved_amount,
            count(*) over of_cell = count(moved_amount) over of_cell as is_measured,
            change_amount - sum(firm_amount) over of_cell as left_amount,
            bool_or(is_open) over of_cell as has_open,
            sum(if(is_open, size, 0)) over of_cell as all_sizes
        from touched
        window of_cell as (partition by row_number, column_name)
    ),

    shared as (
        select
            *,
            case
                when abs(all_moved_amount - change_amount) < 0.01
                then coalesce(money_amount, 0)
                when is_measured and abs(change_amount) <= 2 * abs(all_moved_amount)
                then cast(
                    cast(moved_amount as double) * cast(change_amount as double)
                    / nullif(cast(all_moved_amount as double), 0) as decimal(18, 4)
                )
                when has_open and abs(left_amount) >= 0.01
                then firm_amount
                    + if(is_open, cast(cast(left_amount as double) * size / all_sizes as decimal(18, 4)), 0)
                else firm_amount
            end as part_amount
        from summed
    ),

    placed as (
        select *, row_number() over (
            partition by row_number, column_name
            order by abs(coalesce(part_amount, 0)) desc, size desc, because
        ) as place
        from shared
    )
select
    row_number, column_name, because,
    if(
        place = 1,
        change_amount - sum(coalesce(part_amount, 0)) over (partition by row_number, column_name)
            + coalesce(part_amount, 0),
        coalesce(part_amount, 0)
    ) as amount
from placed;

create temp table restated as
with
    explained as (
        select moved.*
        from moved_cell as moved
        semi join (select * from numbered_cell where len(kinds) = 0) as cells
            on moved.row_number = cells.row_number and moved.column_name = cells.column_name
        union all
        select row_number, column_name, because, amount, null from divided
    ),

    told as (
        select row_number, column_name, sum(change_amount) as told_amount,
            arg_max(cause, (abs(change_amount), cause)) as largest_cause
        from explained
        group by 1, 2
    ),

    -- What moved most of a year's figures in a column: where a whole is shared out, that moves the last decimals of
    -- parts on which it has no hold.
    largest as (
        select cells.table_name, cells.column_name, cells.fiscal_years,
            arg_max(told.largest_cause, (abs(told.told_amount), told.largest_cause)) as largest_cause
        from told
        inner join numbered_cell as cells on told.row_number = cells.row_number
            and told.column_name = cells.column_name
        group by 1, 2, 3
    ),

    -- Less than a cent is what rounding left, cause by cause. A month that has ended since adds to a book all that
    -- its customers had brought.
    rest as (
        select
            cells.row_number, cells.column_name,
            case
                when abs(cells.change_amount - coalesce(told.told_amount, 0)) < 0.01
                    and coalesce(told.largest_cause, largest.largest_cause) is not null
                then coalesce(told.largest_cause, largest.largest_cause)
                when cells.reading = 'book' and getvariable('other') = '' and passed.fiscal_year is not null
                then 'new'
                else getvariable('rest')
            end as cause,
            cells.change_amount - coalesce(told.told_amount, 0) as change_amount
        from numbered_cell as cells
        left join told on cells.row_number = told.row_number and cells.column_name = told.column_name
        left join largest
            on cells.table_name = largest.table_name
            and cells.column_name = largest.column_name
            and cells.fiscal_years is not distinct from largest.fiscal_years
        left join (
            select distinct fiscal_year
            from month_end
            where last_day_on >= getvariable('from_as_of') and last_day_on < getvariable('to_as_of')
        ) as passed on cells.fiscal_years[1] = passed.fiscal_year
        where cells.column_name <> 'net_value_amount'
    ),

    summed as (
        select row_number, column_name, cause, sum(change_amount) as change_amount,
            sum(closed_change_amount) as closed_change_amount
        from (select * from explained union all select *, null from rest where change_amount <> 0) as caused
        group by 1, 2, 3
    ),

    -- What is left of value when cost is off is moved by what moved either.
    caused as (
        select * from summed
        union all
        select summed.row_number, 'net_value_amount', summed.cause,
            sum(if(summed.column_name = 'value_amount', 1, -1) * summed.change_amount),
            sum(if(summed.column_name = 'value_amount', 1, -1) * summed.closed_change_amount)
        from summed
        semi join (select * from numbered_cell where column_name = 'net_value_amount') as cells
            on summed.row_number = cells.row_number
        where summed.column_name in ('value_amount', 'cost_amount')
        group by 1, 3
    )
select rows.table_name, rows.row_key, caused.column_name, caused.cause, getvariable('from_id') as from_publication,
    getvariable('to_id') as to_publication,
    cast(caused.change_amount as decimal(18, 4)) as change_amount,
    cast(caused.closed_change_amount as decimal(18, 4)) as closed_change_amount
from caused
inner join cell_row as rows on caused.row_number = rows.row_number
where caused.change_amount <> 0 or caused.closed_change_amount <> 0
order by caused.row_number, 3, 4;
