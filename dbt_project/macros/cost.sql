{#-
  Whether a rep's cost has what the rep carries of pools, coaching and managers, and keeps apart what is paid once. It had
  neither in the first version of its definition: then pools and coaching are nobody's, by name.
-#}
{% macro cost_is_loaded() %} {% do return(metric_version("rep_cost") > 1) %} {% endmacro %}

{#- The parts of a full cost, in the order in which those that nobody delivered are told. -#}
{% macro cost_components() %}
    {%- set delivered = ["base", "commission", "bonus", "taxes", "benefits", "expenses"] -%}
    {% do return(delivered + (["tools", "overhead", "management"] if cost_is_loaded() else [])) %}
{% endmacro %}

{#-
  What is in a career, in groups and in the company, and in no person's year, cohort or book: it is paid once, and not the
  price of that year's work; what is paid for long leave likewise.
-#}
{% macro components_apart() %} {% do return(["severance", "sign_on", "recruiting", "paid_leave"]) %} {% endmacro %}

{#- What is paid for days: of these the part of the days of leave is paid_leave. Commission is paid for sales, a bonus for what was reached. -#}
{% macro components_by_days() %} {% do return(["base", "taxes", "benefits", "other"]) %} {% endmacro %}

{#- Whether long leave leaves the ratio, its pay and its days. It did not before the third version of a rep's cost. -#}
{% macro leave_is_apart() %}
    {% do return(metric_version("rep_cost") > 2 and var("leave_types") | length > 0) %}
{% endmacro %}

{#- Whether pay of several months is spread over them. Before the fifth version of a rep's cost it was that of its first month. -#}
{% macro pay_is_spread() %} {% do return(metric_version("rep_cost") > 4) %} {% endmacro %}

{#-
  Day after the last for which pay counts. Without an end, or with one that leaves it no day, it is for the month of its first day.
-#}
{% macro pay_to_on() -%}
    {%- set next_month_on = add_months(month_on("period_start_on"), 1) -%}
    case
        when period_end_on > period_start_on
        then {% if pay_is_spread() %} period_end_on {% else %} least(period_end_on, {{ next_month_on }}) {% endif %}
        else {{ next_month_on }}
    end
{%- endmacro %}

{#-
  Amounts, each spread by days over the months that it is for: shares to the cent, and the last month has the rest, so that they add up. Body of
  a CTE with the columns of the relation. Most lines are of one month: they go around the calendar as they are.
  relation: a row a delivered line (_file, _line), with month_on, that of its first day, and its days, from_on and to_on, half-open; each of the
  rows that it becomes has those of its month. The gate blocks a line of more than ten years; of one the last of these months has all the rest.
-#}
{% macro spread_over_months(relation, amounts) -%}
    {%- set next_month_on = add_months("month_on", 1) -%}
    with
        several as (select * from {{ relation }} where to_on > {{ next_month_on }}),

        numbers as ({{ dbt.generate_series(121) }}),

        spans as (select distinct month_on, from_on, to_on from several),

        starts as (
            select
                spans.from_on,
                spans.to_on,
                {{ add_months("spans.month_on", "cast(numbers.generated_number as integer) - 1") }} as month_on
            from spans
            cross join numbers
        ),

        months as (
            select
                from_on,
                to_on,
                month_on,
                greatest(from_on, month_on) as part_from_on,
                least(to_on, {{ next_month_on }}) as part_to_on,
                lead(month_on) over (partition by from_on, to_on order by month_on) is null as is_last
            from starts
            where month_on < to_on
        ),

        shares as (
            select
                several.* exclude (month_on, from_on, to_on),
                months.month_on,
                months.part_from_on,
                months.part_to_on,
                months.is_last
                {%- for amount in amounts %}
                    ,
                    {{
                        money_part_in_cents(
                            "several." ~ amount,
                            days_between("months.part_from_on", "months.part_to_on"),
                            days_between("months.from_on", "months.to_on"),
                        )
                    }} as share_{{ amount }}
                {%- endfor %}
            from several
            inner join months on several.from_on = months.from_on and several.to_on = months.to_on
        )

    select
        * exclude (month_on, from_on, to_on, {{ amounts | join(", ") }}),
        month_on,
        from_on,
        to_on,
        {{ amounts | join(", ") }}
    from {{ relation }}
    where to_on <= {{ next_month_on }}
    union all
    select
        * exclude (
            month_on,
            part_from_on,
            part_to_on,
            is_last,
            {{ amounts | join(", ") }},
            share_{{ amounts | join(", share_") }}
        ),
        month_on,
        part_from_on,
        part_to_on
        {%- for amount in amounts %}
            ,
            case
                when is_last
                then cast({{ amount }} + share_{{ amount }} - sum(share_{{ amount }}) over line as decimal(18, 4))
                else share_{{ amount }}
            end as {{ amount }}
        {%- endfor %}
    from shares
    window line as (partition by _file, _line)
{%- endmacro %}

{#- Whether a kind of absence is long leave, which leaves both sides of the ratio. -#}
{% macro is_long_leave(kind) -%}
    {%- if not leave_is_apart() -%} false
    {%- else -%}
        lower({{ kind }})
        in ({%- for one in var("leave_types") -%}{{ text_literal(one) }}{{ ", " if not loop.last }} {%- endfor -%})
    {%- endif -%}
{%- endmacro %}

{#-
  Whether a manager's month is carried for the days on which anybody reported to the manager. Before the fourth version of a rep's
  cost, whoever did so for a day carried of the whole month.
-#}
{% macro management_is_by_days() %} {% do return(metric_version("rep_cost") > 3) %} {% endmacro %}

{% macro is_apart(component) -%}
    {%- if cost_is_loaded() -%}
        {{ component }} in (
            '{{ components_apart() | reject("equalto", "paid_leave" if metric_version("rep_cost") < 3 else "") | join("',
            '") }}'
        )
    {%- else -%} false
    {%- endif -%}
{%- endmacro %}

{#- What a cost is made of: what its holders cost themselves, what everybody shares, and what moves from managers. -#}
{% macro cost_parts() %} {% do return(["direct", "shared", "management"]) %} {% endmacro %}

{% macro cost_part(component) -%}
    case
        when {{ component }} in ('tools', 'overhead')
        then 'shared'
        when {{ component }} = 'management'
        then 'management'
        else 'direct'
    end
{%- endmacro %}

{#- The row of a cost line that is for leave: the second one of its delivered line. -#}
{% macro is_of_leave(prefix="") -%}
    ({{ prefix }}component = 'paid_leave' and {{ prefix }}line_cost_local_amount is not null)
{%- endmacro %}

{#- By which key, of which part and by which weight of all weights a share of cost was taken, and the rule's line. -#}
{% macro share_rule(relation=none) -%}
    {%- set names = [] -%}
    {%- for name in ["carried_key", "carried_pct", "carried_weight", "carried_weight_total", "rule_file", "rule_line"] -%}
        {%- do names.append((relation ~ "." if relation else "") ~ name) -%}
    {%- endfor -%}
    {{ names | join(", ") }}
{%- endmacro %}

{#- The same of what is nobody's share. -#}
{% macro no_share_rule() -%}
    cast(null as varchar) as carried_key,
    cast(null as decimal(18, 10)) as carried_pct,
    cast(null as decimal(18, 4)) as carried_weight,
    cast(null as decimal(28, 4)) as carried_weight_total,
    cast(null as varchar) as rule_file,
    cast(null as bigint) as rule_line
{%- endmacro %}

{#- The amounts of a share where a line is nobody's: of it and of its whole, in each basis and in the money that was paid. -#}
{% macro no_share_amounts() -%}
    {%- for name in in_bases(["share_amount", "share_whole_amount"]) + ["share_local_amount", "share_whole_local_amount"] -%}
        cast(null as decimal(18, 4)) as {{ name }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The amounts of the whole delivered line where nothing of it is apart for leave. -#}
{% macro no_line_amounts() -%}
    cast(null as decimal(18, 4)) as line_cost_local_amount
    {%- for basis in var("bases") -%}
        , cast(null as decimal(18, 4)) as line_{{ based("cost_amount", basis) }}
    {%- endfor -%}
{%- endmacro %}

{#-
  What a line of cost says of its share beside: who carries it (the rep, or who was managed or coached where it is taken off a manager), from
  whose month it comes, and the employee number under which it stands. A trail has these after the rule.
-#}
{% macro share_ends(relation=none) -%}
    {%- set names = [] -%}
    {%- for name in ["carrier_crm_user_id", "carrier_employee_number", "from_crm_user_id", "from_employee_number"] -%}
        {%- do names.append((relation ~ "." if relation else "") ~ name) -%}
    {%- endfor -%}
    {{ names | join(", ") }}
{%- endmacro %}

{#- The same of what is nobody's share. -#}
{% macro no_share_ends() -%}
    cast(null as varchar) as carrier_crm_user_id,
    cast(null as varchar) as carrier_employee_number,
    cast(null as varchar) as from_crm_user_id,
    cast(null as varchar) as from_employee_number
{%- endmacro %}
