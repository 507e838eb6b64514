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
  price of that year's work.
-#}
{% macro components_apart() %} {% do return(["severance", "sign_on", "recruiting"]) %} {% endmacro %}

{% macro is_apart(component) -%}
    {%- if cost_is_loaded() -%} {{ component }} in ('{{ components_apart() | join("', '") }}')
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
