{#- The reporting amount: the local one times its rate, to 4 decimals, half away from zero. The one place where an amount is multiplied. A
    product of two decimals takes 128 bits, and 0.8 µs to round: own money goes around it, and what fits into 64 bits takes a fifth. -#}
{% macro money_product(amount, factor) -%}
    case
        when {{ factor }} = 1
        then cast({{ amount }} as decimal(18, 4))
        when
            {{ amount }} between -399999999 and 399999999
            and {{ factor }} > 0
            and {{ factor }} < 99999
            and abs(cast({{ amount }} as double)) * cast({{ factor }} as double) < 900000000
        then {{ _short_product(amount, factor) }}
        else
            cast(
                round(cast({{ amount }} as decimal(18, 4)) * cast({{ factor }} as decimal(24, 12)), 4) as decimal(18, 4)
            )
    end
{%- endmacro %}

{#- The factor is cut after 6 decimals, so that no whole number gets longer than 64 bits: what the first 6 make, and the next 6. -#}
{% macro _short_product(amount, factor) -%}
    {%- set units = _short_units("abs(" ~ amount ~ ")") -%}
    {%- set whole = "cast(" ~ factor ~ " as decimal(18, 12))" -%}
    {%- set first = "cast(" ~ whole ~ " - cast(0.0000005 as decimal(18, 12)) as decimal(11, 6))" -%}
    {%- set made = units ~ " * cast(" ~ first ~ " * cast(1000000 as decimal(7, 0)) as bigint)" -%}
    {%- set next = "cast(round(cast(" ~ whole ~ " - cast(" ~ first ~ " as decimal(18, 12)) as double) * 1000000000000) as bigint)" -%}
    cast(
        cast(
            sign({{ amount }}) * (
                divide({{ made }}, 1000000)
                + divide(({{ made }}) % 1000000 * 1000000 + {{ units }} * {{ next }} + 500000000000, 1000000000000)
            ) as decimal(14, 0)
        )
        * cast(0.0001 as decimal(4, 4)) as decimal(18, 4)
    )
{%- endmacro %}

{#- An amount divided by a whole number, to 4 decimals, half away from zero, in whole units: a decimal divided becomes a double. -#}
{% macro money_divided_by(amount, divisor) -%}
    cast(
        cast(
            divide(
                2 * {{ money_units(amount) }} + {{ divisor }} * cast(sign({{ amount }}) as hugeint), 2 * {{ divisor }}
            ) as decimal(28, 0)
        )
        * cast(0.0001 as decimal(5, 4)) as decimal(18, 4)
    )
{%- endmacro %}

{#- One rate or index divided by another, to 12 decimals, half up, in whole units: a decimal divided becomes a double. -#}
{% macro rate_quotient(dividend, divisor) -%}
    cast(
        cast(
            divide(
                2 * {{ rate_units(dividend) }} * 1000000000000 + {{ rate_units(divisor) }},
                2 * {{ rate_units(divisor) }}
            ) as decimal(24, 0)
        )
        * cast(0.000000000001 as decimal(12, 12)) as decimal(24, 12)
    )
{%- endmacro %}

{#- A rate as a whole number of its last decimals. -#}
{% macro rate_units(rate) -%}
    cast(cast({{ rate }} as decimal(24, 12)) * cast(1000000000000 as decimal(13, 0)) as hugeint)
{%- endmacro %}

{#- A rate as it was printed, without the zeros of its type. -#}
{% macro printed(rate) %} rtrim(rtrim(cast({{ rate }} as varchar), '0'), '.'){% endmacro %}

{#-
  Of an amount what a part is of its whole, to 4 decimals, half away from zero. A part and its negative give an amount and its negative:
  what is taken off one is put on another. All of it and none of it, which most are, need no long division.
-#}
{% macro money_part(amount, part, whole) -%}
    case
        when {{ part }} = {{ whole }} and {{ whole }} <> 0
        then cast({{ amount }} as decimal(18, 4))
        when {{ part }} = 0 and {{ whole }} <> 0
        then cast({{ amount }} * 0 as decimal(18, 4))
        when
            {{ _is_short(amount) }}
            and {{ _is_short(part) }}
            and {{ _is_short(whole) }}
            and abs(cast({{ amount }} as double) * cast({{ part }} as double)) < 4000000000
        then {{ _units_part(_short_units(amount), _short_units(part), _short_units(whole), amount, part, whole) }}
        else {{ _units_part(_long_units(amount), _long_units(part), _long_units(whole), amount, part, whole) }}
    end
{%- endmacro %}

{#- The same, to the cent. -#}
{% macro money_part_in_cents(amount, part, whole) -%}
    cast(100 * ({{ money_part(amount, part, "(100 * " ~ whole ~ ")") }}) as decimal(18, 4))
{%- endmacro %}

{% macro _units_part(amount_units, part_units, whole_units, amount, part, whole) -%}
    cast(
        cast(
            divide(
                2 * {{ amount_units }} * {{ part_units }} * sign({{ whole }})
                + abs({{ whole_units }}) * sign({{ amount }}) * sign({{ part }}) * sign({{ whole }}),
                2 * abs({{ whole_units }})
            ) as decimal(28, 0)
        )
        * cast(0.0001 as decimal(5, 4)) as decimal(18, 4)
    )
{%- endmacro %}

{#-
  An amount as a whole number of its ten-thousandths. Numbers of 128 bits are divided bit by bit, forty times as slowly as those
  of 64: what is less than a milliard goes around it.
-#}
{% macro money_units(amount) -%}
    case
        when {{ _is_short(amount) }} then cast({{ _short_units(amount) }} as hugeint) else {{ _long_units(amount) }}
    end
{%- endmacro %}

{% macro _is_short(amount) %} {{ amount }} between -999999999 and 999999999{% endmacro %}

{% macro _short_units(amount) %}
    cast(cast({{ amount }} as decimal(13, 4)) * cast(10000 as decimal(5, 0)) as bigint)
{% endmacro %}

{% macro _long_units(amount) %} cast(cast({{ amount }} as decimal(28, 4)) * 10000 as hugeint){% endmacro %}

{#- Of whole numbers: number * factor / divisor, towards zero; in 64 bits where nothing of it is longer. -#}
{% macro whole_quotient(number, factor, divisor) -%}
    case
        when
            (abs(cast({{ number }} as double)) + 1) * (abs(cast({{ factor }} as double)) + 1) < 9000000000000000000
            and {{ divisor }} < 9000000000000000000
        then
            cast(
                divide(
                    cast({{ number }} as bigint) * cast({{ factor }} as bigint), cast({{ divisor }} as bigint)
                ) as hugeint
            )
        else divide({{ number }} * {{ factor }}, {{ divisor }})
    end
{%- endmacro %}

{#- A sum that is unknown as soon as one of its parts is. -#}
{% macro sum_if_all_known(amount) -%}
    cast(case when count(*) = count({{ amount }}) then sum({{ amount }}) end as decimal(18, 4))
{%- endmacro %}

{% macro sum_amount(amount) %} cast(coalesce(sum({{ amount }}), 0) as decimal(18, 4)){% endmacro %}

{#- Value against cost: null where nothing was spent, or less than nothing, since a negative ratio would compare nobody. -#}
{% macro ratio(value, cost) -%}
    case when {{ cost }} > 0 then round(cast({{ value }} as double) / cast({{ cost }} as double), 6) end
{%- endmacro %}

{% macro percent(part, whole) -%}
    case when {{ whole }} <> 0 then round(100 * cast({{ part }} as double) / cast({{ whole }} as double), 6) end
{%- endmacro %}

{#-
  Splits amounts so that the parts equal the whole (largest remainder). Body of a CTE.
  relation: rows with the amount to split, the same on each row of a whole, and their weight (>= 0, some > 0).
  whole: columns that name the whole; part: columns that name the part, which settle ties.
  into: name of the column with the part's amount.
-#}
{% macro allocate(relation, whole, part, amounts, weight, into) -%}
    {%- set whole_by = whole | join(", ") -%}
    select
        measured.* exclude (_weight, _weight_total)
        {%- for amount in amounts %}
            ,
            cast(
                cast(
                    _floor_{{ loop.index }} + case
                        when
                            row_number() over (
                                partition by {{ whole_by }}
                                order by _rest_{{ loop.index }} desc, {{ part | join(", ") }}
                            ) <= abs(
                                _units_{{ loop.index }}
                                - sum(_floor_{{ loop.index }}) over (partition by {{ whole_by }})
                            )
                        then sign(_units_{{ loop.index }})
                        else 0
                    end as decimal(28, 0)
                )
                * cast(0.0001 as decimal(5, 4)) as decimal(18, 4)
            ) as {{ into[loop.index0] }}
        {%- endfor %}
    from
        (
            select
                floored.*
                {%- for amount in amounts %}
                    ,
                    abs(
                        _units_{{ loop.index }} * _weight - _floor_{{ loop.index }} * _weight_total
                    ) as _rest_{{ loop.index }}
                {%- endfor %}
            from
                (
                    select
                        weighed.*
                        {%- for amount in amounts %}
                            ,
                            {{ whole_quotient("_units_" ~ loop.index, "_weight", "_weight_total") }}
                            as _floor_{{ loop.index }}
                        {%- endfor %}
                    from
                        (
                            select counted.*, sum(_weight) over (partition by {{ whole_by }}) as _weight_total
                            from
                                (
                                    select
                                        {{ relation }}.*,
                                        {{ money_units(weight) }} as _weight
                                        {%- for amount in amounts %}
                                            , {{ money_units(amount) }} as _units_{{ loop.index }}
                                        {%- endfor %}
                                    from {{ relation }}
                                ) as counted
                        ) as weighed
                ) as floored
        ) as measured
{%- endmacro %}
