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
