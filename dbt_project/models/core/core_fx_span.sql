-- A rate holds until the next one of its pair. Money that is the reporting currency already needs no rate.
with
    rates as (select * from {{ latest("fx_rate") }} where to_currency = '{{ var("reporting_currency") }}'),

    spans as (
        select
            from_currency as currency,
            concat_ws('-', _source, from_currency, to_currency, cast(rate_on as varchar)) as fx_rate_id,
            rate as fx_rate,
            rate_on as holds_from_on,
            coalesce(
                lead(rate_on) over (partition by from_currency order by rate_on, _source), {{ end_of_time() }}
            ) as holds_to_on,
            _file,
            _line
        from rates
        where from_currency <> '{{ var("reporting_currency") }}'
    ),

    own as (
        select
            '{{ var("reporting_currency") }}' as currency,
            'own' as fx_rate_id,
            cast(1 as decimal(24, 12)) as fx_rate,
            {{ beginning_of_time() }} as holds_from_on,
            {{ end_of_time() }} as holds_to_on,
            cast(null as varchar) as _file,
            cast(null as bigint) as _line
    )

select *
from spans
where holds_from_on < holds_to_on
union all
select *
from own
