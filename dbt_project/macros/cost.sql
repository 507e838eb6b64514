{#- The parts of a full cost, in the order in which those that nobody delivered are told. -#}
{% macro cost_components() %}
    {% do return(["base", "commission", "bonus", "taxes", "benefits", "expenses", "tools", "overhead", "management"]) %}
{% endmacro %}

{#-
  What is in a career, in groups and in the company, and in no person's year, cohort or book: it is paid once, and not the
  price of that year's work.
-#}
{% macro components_apart() %} {% do return(["severance", "sign_on", "recruiting"]) %} {% endmacro %}

{% macro is_apart(component) %} {{ component }} in ('{{ components_apart() | join("', '") }}'){% endmacro %}
