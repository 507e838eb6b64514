{#-
  Definitions change, and figures of two definitions are not to be compared: each row of an answer names the version of
  every metric that it shows, and company.toml chooses an older one under [metric_versions].
-#}
{% macro metric_version(metric) %}
    {% if metric not in var("metric_versions") %}
        {{ exceptions.raise_compiler_error("no definition of the metric " ~ metric ~ " in metric.csv") }}
    {% endif %}
    {% do return(var("metric_versions")[metric] | int) %}
{% endmacro %}

{#- A metric with its version, as a row names it. -#}
{% macro metric_used(metric) -%} {{ metric }} {{ metric_version(metric) }} {%- endmacro %}

{#- The metrics that every row of an answer shows. -#}
{% macro metrics_used(metrics) -%}
    {%- set names = [] -%}
    {%- for metric in metrics -%} {%- do names.append(metric_used(metric)) -%} {%- endfor -%}
    '{{ names | join(", ") }}'
{%- endmacro %}

{#-
  The metrics of a row of value against cost, by its measure, reading and basis of cost. A lifetime value is of order lines: what the
  company declares as its measure has none. A standard cost is made of what reps cost.
-#}
{% macro value_metrics_used(row, more=[], cost_basis="'actual'") -%}
    concat(
        case
            {{ row }}.value_measure
            when 'gross_margin'
            then '{{ metric_used("gross_margin") }}'
            {%- if declared_amount() %}
                when '{{ var("contract_measure") }}' then '{{ metric_used(var("contract_measure")) }}'
            {%- endif %}
            else '{{ metric_used("revenue") }}'
        end,
        case
            when
                {{ row }}.reading <> 'year'
                {%- if declared_amount() %} and {{ row }}.value_measure <> '{{ var("contract_measure") }}' {%- endif %}
            then ', {{ metric_used("realised_ltv") }}'
            else ''
        end,
        ', {{ metric_used("rep_cost") }}',
        case when {{ cost_basis }} = 'standard' then ', {{ metric_used("standard_cost") }}' else '' end,
        ', ',
        case
            {{ row }}.reading
            {%- for reading in ["year", "cohort", "book", "career"] %}
                when '{{ reading }}' then '{{ metric_used("value_ratio_" ~ reading) }}'
            {%- endfor %}
        end
        {%- for metric in more %}, ', {{ metric_used(metric) }}' {%- endfor %}
    )
{%- endmacro %}
