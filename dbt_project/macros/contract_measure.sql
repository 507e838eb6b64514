{#- The amount of contracts on which the company declares that its value stands too; none where revenue says it all. -#}
{% macro declared_amount() -%}
    {% do return({
        "acv": "acv_amount", "booked": "bookings_amount", "recognised": "recognised_amount", "invoiced": "invoiced_amount",
        "collected": "collected_amount",
    }.get(var("contract_measure"))) %}
{%- endmacro %}

{#- Whether it is of payments, not of order lines. -#}
{% macro is_of_payments() %} {% do return(declared_amount() in payment_amounts()) %} {% endmacro %}

{% macro declared_amounts(relation=none) %} {{ in_bases(["declared_amount"], relation) | join(", ") }} {% endmacro %}

{% macro no_declared_amounts() %} {{ nothing_of(["declared_amount"]) }} {% endmacro %}

{% macro summed_declared_amounts(relation=none) %} {{ summed_in_bases("declared_amount", relation) }} {% endmacro %}

{#-
  The parts of core_measure_part as a year's, of who sold the line, with the groups of the line's day; and as those of the cohort to date,
  of who won its customer, with the groups of that day. What names no known line is unknown's. Body of a CTE.
-#}
{% macro declared_rows() -%}
    {%- set of_part -%}
        parts.order_line_id,
        parts.account_id,
        parts.order_territory_id,
        parts.channel,
        parts.payment_id,
        parts.payment_event,
        {{ declared_amounts("parts") }}
    {%- endset -%}
    with
        parts as (select * from {{ ref("core_measure_part") }}),

        acquisitions as (select * from {{ ref("core_acquisition") }}),

        of_holders as (
            select 'year' as reading, parts.fiscal_year, parts.crm_user_id, parts.ordered_on as day_on, {{ of_part }}
            from parts
            union all
            select
                'cohort',
                coalesce(acquisitions.fiscal_year, parts.fiscal_year),
                coalesce(acquisitions.acquiring_crm_user_id, 'unknown'),
                acquisitions.acquired_on,
                {{ of_part }}
            from parts
            left join acquisitions on parts.account_id = acquisitions.account_id
        )

    select
        'as_sold' as lens,
        of_holders.reading,
        of_holders.fiscal_year,
        cast(null as integer) as age_months,
        of_holders.crm_user_id,
        coalesce(groups.team_id, 'unknown') as team_id,
        coalesce(groups.manager_crm_user_id, 'unknown') as manager_crm_user_id,
        coalesce(groups.territory_id, 'unknown') as territory_id,
        of_holders.order_line_id,
        of_holders.account_id,
        of_holders.order_territory_id,
        of_holders.channel,
        of_holders.payment_id,
        of_holders.payment_event,
        {{ declared_amounts("of_holders") }}
    from of_holders
    left join
        {{ ref("core_rep_group") }} as groups
        on of_holders.crm_user_id = groups.crm_user_id
        and of_holders.day_on = groups.day_on
{%- endmacro %}

{#- What must be equal in the declared measure, in a basis: a name and two sums. Nothing where none is declared. -#}
{% macro measure_ties(basis) -%}
    {%- set measure, ties = var("contract_measure"), [] -%}
    {%- set company = _measured("group_value", basis, "group_type = 'company'") -%}
    {%- if declared_amount() -%}
        {%- do ties.append((measure ~ " by contract", _sum_of("contract_value", declared_amount(), basis))) -%}
        {%- do ties.append(("sum of reps", _measured("rep_value", basis, "cost_basis = 'actual'"))) -%}
        {%- do ties.append(("sum of careers of reps", _measured("rep_value", basis, "cost_basis = 'actual'", "career"))) -%}
        {%- do ties.append(("sum by channel", _sum_of("company_revenue", "declared_amount", basis))) -%}
        {%- for type in ["team", "manager", "territory"] -%}
            {%- do ties.append(("sum by " ~ type, _measured("group_value", basis, "group_type = '" ~ type ~ "'"))) -%}
        {%- endfor -%}
        {%- for type, sides in segment_cuts().items() -%}
            {%- set which = "segment_type = '" ~ type ~ "'" -%}
            {%- do ties.append(("sum by " ~ cut_words(sides), _measured("segment_value", basis, which))) -%}
            {%- do ties.append(("sum of careers by " ~ cut_words(sides), _measured("segment_value", basis, which, "career"))) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set named = [] -%}
    {%- for name, sum in ties -%}
        {%- do named.append((measure ~ " of the company = " ~ name ~ ("" if basis == "nominal" else ", " ~ basis), company, sum)) -%}
    {%- endfor -%}
    {%- do return(named) -%}
{%- endmacro %}

{% macro _measured(answer, basis, which, reading="year") -%}
    {%- set measure = var("contract_measure") -%}
    {{
        _sum_of(
            answer, "value_amount", basis, which ~ " and lens = 'as_sold' and reading = '" ~ reading ~ "' and value_measure = '" ~ measure ~ "'"
        )
    }}
{%- endmacro %}
