-- What moved of that on which the figures stand that are no sums of lines: by kind of input, whoever holds it, and cause. A cause touched it where it
-- does not put in what it takes out.
create temp table touch as
with
    yearly as (
        select kind, reading, holder, unnest(if(lens is null, ['as_sold', 'as_was', 'as_is'], [lens])) as lens, if(reading = 'career', -1, fiscal_year) as fiscal_year,
            basis, because, touched_amount, trace, place_trace
        from held
        where reading = 'year' or (reading = 'career' and kind <> 'cost')
    ),

    summed as (
        select kind, reading, holder, lens, fiscal_year, basis, because, abs(sum(touched_amount)) as touched_amount, sum(trace) <> 0 as is_touched,
            kind = 'line' and sum(place_trace) <> 0 as is_placed_otherwise
        from yearly
        group by 1, 2, 3, 4, 5, 6, 7
    )
select * exclude (is_touched, is_placed_otherwise) from summed where is_touched
union all
select * exclude (is_touched, is_placed_otherwise) replace ('place' as kind) from summed where is_placed_otherwise;
