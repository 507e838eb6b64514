-- A rate holds until the next one of its pair, or until the source says that there is none any more. Money that is the
-- reporting currency already needs no rate; a currency that nobody turns into it goes through the euro.
{% set reporting = var("reporting_currency") %}
with
    told as (select * from {{ latest("fx_rate") }}),

    direct as (
        select
            from_currency as currency,
            concat_ws('-', _source, from_currency, to_currency, cast(rate_on as varchar)) as fx_rate_id,
            rate as fx_rate,
            cast(null as varchar) as made_from,
            rate_on,
            _source,
            _file,
            _line
        from told
        where to_currency = '{{ reporting }}' and from_currency <> '{{ reporting }}'
    ),

    euro as (select * from told where from_currency = 'EUR'),

    ours as (
        {% if reporting == "EUR" -%}select distinct _source, rate_on, cast(1 as decimal(24, 12)) as rate from euro
        {%- else -%}select _source, rate_on, rate from euro where to_currency = '{{ reporting }}'
        {%- endif %}
    ),

    crossed as (
        select
            euro.to_currency,
            concat_ws('-', euro._source, euro.to_currency, 'EUR', '{{ reporting }}', cast(euro.rate_on as varchar)),
            {{ rate_quotient("ours.rate", "euro.rate") }},
            'EUR to {{ reporting }} '
            || {{ printed("ours.rate") }}
            || ' / EUR to '
            || euro.to_currency
            || ' '
            || {{ printed("euro.rate") }},
            euro.rate_on,
            euro._source,
            euro._file,
            euro._line
        from euro
        inner join ours on euro._source = ours._source and euro.rate_on = ours.rate_on
        left join (select distinct currency from direct) as served on euro.to_currency = served.currency
        where euro.to_currency <> '{{ reporting }}' and served.currency is null
    ),

    rates as (
        select *
        from direct
        union all
        select *
        from crossed
    ),

    spans as (
        select
            currency,
            fx_rate_id,
            fx_rate,
            rate_on as holds_from_on,
            coalesce(
                lead(rate_on) over (partition by currency order by rate_on, _source), {{ end_of_time() }}
            ) as holds_to_on,
            made_from,
            _file,
            _line
        from rates
    ),

    own as (
        select
            '{{ reporting }}' as currency,
            'own' as fx_rate_id,
            cast(1 as decimal(24, 12)) as fx_rate,
            {{ beginning_of_time() }} as holds_from_on,
            {{ end_of_time() }} as holds_to_on,
            cast(null as varchar) as made_from,
            cast(null as varchar) as _file,
            cast(null as bigint) as _line
    )

select *
from spans
where holds_from_on < holds_to_on and fx_rate is not null
union all
select *
from own
