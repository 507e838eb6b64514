{#- The measures that rep_value and group_value share, from core_value_reading (`readings`) and core_holder_component (`missing`). -#}
{% macro value_columns(withheld_reason=none, cost_basis="'actual'") -%}
    readings.revenue_amount,
    readings.revenue_amount as tcv_amount,
    readings.customers_acquired,
    readings.left_censored_customers,
    readings.is_mature,
    case when readings.reading in ('cohort', 'career') then readings.value_amount end as realised_ltv_amount,
    cast(null as decimal(18, 4)) as projected_ltv_amount,
    cast(null as decimal(18, 4)) as projected_ltv_low_amount,
    cast(null as decimal(18, 4)) as projected_ltv_high_amount,
    readings.value_amount,
    readings.cost_amount,
    {% for part in cost_parts() %} readings.{{ part }}_cost_amount, {% endfor -%}
    cast(readings.value_amount - readings.cost_amount as decimal(18, 4)) as net_value_amount,
    {% if withheld_reason %}
        case when {{ withheld_reason }} is null then {{ ratio("readings.value_amount", "readings.cost_amount") }} end
    {%- else %} {{ ratio("readings.value_amount", "readings.cost_amount") }}
    {%- endif %} as value_ratio,
    cast(null as double) as projected_value_ratio,
    missing.cost_components_missing,
    {{ percent("readings.estimated_amount", "readings.cost_amount") }} as cost_estimated_pct,
    {{ value_metrics_used("readings", cost_basis=cost_basis) }} as metric_versions,
    cast(null as varchar) as quality_grade
{%- endmacro %}

{#-
  Why a person has no ratio of their own, whatever they sold and cost, as SQL: in core_rep_role of a fiscal year and a career, in tenure_value of
  a tenure year; null for whoever has one. Who is no employee whom anybody knows lacks all pay, and the little that is known otherwise (claims of
  expenses) would divide all that the person brought. The unknown member is no person.
-#}
{% macro ratio_withheld_reason(bears_no_credit, role, reps) -%}
    case
        when {{ bears_no_credit }}
        then concat('counted in the group: the role ', {{ role }}, ' bears no credit')
        when {{ reps }}.crm_user_id is not null and {{ reps }}.employee_number is null
        then 'no employee is matched: no pay is known'
    end
{%- endmacro %}

{#-
  The role that each rep had at the end of a year of theirs: the last day up to it on which they were employed, or the end itself where
  there was none. Body of a CTE. relation: crm_user_id, the key and last_day_on.
-#}
{% macro roles_at_end(relation, key) -%}
    select days.crm_user_id, days.{{ key }}, days.read_on, spans.rep_role
    from
        (
            select
                ends.crm_user_id,
                ends.{{ key }},
                coalesce(
                    max(least({{ add_days("employments.left_on", -1) }}, ends.last_day_on)), ends.last_day_on
                ) as read_on
            from {{ relation }} as ends
            left join
                {{ ref("core_rep_employment") }} as employments
                on ends.crm_user_id = employments.crm_user_id
                and employments.hired_on <= ends.last_day_on
            group by ends.crm_user_id, ends.{{ key }}, ends.last_day_on
        ) as days
    left join
        {{ ref("core_rep_role_span") }} as spans
        on days.crm_user_id = spans.crm_user_id
        and days.read_on >= spans.valid_from_on
        and days.read_on < spans.valid_to_on
{%- endmacro %}

{#-
  One row a holder and fiscal year at the company's defaults, the readings as columns, for BI. A schema-less reference:
  the view must work in the published file as it does in the warehouse.
-#}
{% macro year_view(answer, key, attributes, only=none) -%}
    with
        readings as (
            select *
            from {{ ref(answer) }}
            where
                lens = 'as_sold' and value_measure = 'revenue' and basis = 'nominal' and fiscal_year is not null
                {%- if only %} and {{ only }}{% endif %}
        )

    select
        {{ key | join(", ") }},
        fiscal_year,
        {% for attribute in attributes -%} max({{ attribute }}) as {{ attribute }}, {% endfor -%}
        max(case when reading = 'year' then revenue_amount end) as revenue_amount,
        max(case when reading = 'year' then cost_amount end) as cost_amount,
        max(case when reading = 'year' then net_value_amount end) as net_value_amount,
        max(case when reading = 'year' then value_ratio end) as year_value_ratio,
        max(case when reading = 'cohort' then customers_acquired end) as customers_acquired,
        {% for age in [12, 24, 36] -%}
            max(
                case when reading = 'cohort' and age_months = {{ age }} then value_amount end
            ) as cohort_{{ age }}_amount,
            max(case when reading = 'cohort' and age_months = {{ age }} then value_ratio end) as cohort_{{ age }}_ratio,
            bool_and(
                case when reading = 'cohort' and age_months = {{ age }} then is_mature end
            ) as is_cohort_{{ age }}_mature,
        {% endfor -%}
        max(case when reading = 'cohort' and age_months is null then value_amount end) as cohort_to_date_amount,
        max(case when reading = 'cohort' and age_months is null then value_ratio end) as cohort_to_date_ratio,
        max(case when reading = 'book' then value_amount end) as book_amount,
        max(case when reading = 'book' then value_ratio end) as book_ratio,
        max(cost_components_missing) as cost_components_missing,
        max(case when reading = 'year' then metric_versions end) as metric_versions
    from readings
    group by {{ key | join(", ") }}, fiscal_year
{%- endmacro %}

{#- The kinds of segment that are one cut alone, in the order in which they are shown. -#}
{% macro segment_types() %} {% do return(["region", "industry", "acquisition_method"]) %} {% endmacro %}

{#- Every kind of segment, and the cuts that make it: one, or a pair of them. -#}
{% macro segment_cuts() -%}
    {%- set cuts = {} -%}
    {%- for type in segment_types() %} {%- do cuts.update({type: [type]}) -%} {%- endfor -%}
    {%- for pair in [["region", "industry"], ["industry", "acquisition_method"], ["region", "acquisition_method"]] -%}
        {%- do cuts.update({pair | join("_"): pair}) -%}
    {%- endfor -%}
    {% do return(cuts) %}
{%- endmacro %}

{#- The name of a segment from the names of its sides, as SQL: in a pair the sign between them stands once. -#}
{% macro segment_name(sides) -%}
    {%- if sides | length == 1 -%} {{ sides[0] }}
    {%- else -%} concat(replace({{ sides[0] }}, ' × ', '×'), ' × ', replace({{ sides[1] }}, ' × ', '×'))
    {%- endif -%}
{%- endmacro %}

{#- A kind of segment in words. -#}
{% macro cut_words(sides) %} {% do return(sides | join(" × ") | replace("_", " ")) %} {% endmacro %}

{#-
  The keys by which a rep-year's cost is split over segments, each with a rule of its own (the metric segment_cost_*): revenue
  decides, customers served is the next-best one, and stands beside. What was done is no key: it says nothing of what it was worth.
-#}
{% macro segment_allocation_keys() %} {% do return(["revenue", "customers"]) %} {% endmacro %}

{#- The ages at which cohorts are compared, in months, as SQL; null is to date. -#}
{% macro cohort_ages() %} {% do return(["12", "24", "36", "null"]) %} {% endmacro %}

{#- A text from company.toml as SQL: quotes in a name must not end it. -#}
{% macro text_literal(text) %} {{ "'" ~ (text | replace("'", "''")) ~ "'" }}{% endmacro %}

{#- Whom a value or a cost can be counted for, and the column that names each: five kinds of holder. -#}
{% macro holders() -%}
    {% do return(
        {
            "rep": "crm_user_id",
            "team": "team_id",
            "manager": "manager_crm_user_id",
            "territory": "territory_id",
            "company": "'company'",
        }
    ) %}
{%- endmacro %}

{#- The rows of group_value for the tops of the territories' tree in a year, as sold: what is below others is in theirs. -#}
{% macro is_top_of_tree() -%}
    group_type = 'territory_tree'
    and (group_id, fiscal_year) not in (
        select territory_id, fiscal_year
        from {{ ref("core_territory_tree") }}
        where lens = 'as_sold' and territory_id <> tree_territory_id
    )
{%- endmacro %}

{#- The rows of a relation once for each kind of holder, or of the kinds that are given, with the kind and the holder's id. -#}
{% macro held_by_each(relation, columns="*", kinds=none, names=["holder_type", "holder_id"]) -%}
    {%- for type, id in (kinds or holders()).items() %}
        select '{{ type }}' as {{ names[0] }}, {{ id }} as {{ names[1] }}, {{ columns }}
        from {{ relation }}
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
{%- endmacro %}
