-- Which delivered line is in whose cost that is nobody's as a rep: unattributed_cost, line by line.
{% set all_of_it = ["core_coaching_line"] if cost_is_loaded() else ["core_pool_line", "core_coaching_line"] %}
select
    cast(null as varchar) as crm_user_id,
    employee_number,
    month_on,
    component,
    currency,
    nobodys_reason as reason,
    is_estimated,
    {{ no_share_amounts() }},
    entity,
    cost_local_amount,
    fx_rate_id,
    {{ in_bases(["cost_amount"]) | join(", ") }},
    line_cost_local_amount,
    {% for basis in var("bases") %} line_{{ based("cost_amount", basis) }}, {% endfor %}
    _file,
    _line,
    {{ no_share_rule() }},
    {{ no_share_ends() }}
from {{ ref("core_cost_line") }}
where crm_user_id is null
{% for lines in all_of_it %}
        {%- set kind = "cost_pool" if lines == "core_pool_line" else "coaching" %}
    union all
    select
        null,
        {{ "employee_number" if cost_is_loaded() else "'unknown'" }},
        month_on,
        {{ "component" if kind == "cost_pool" else "'coaching'" }},
        currency,
        {{ "nobodys_reason" if cost_is_loaded() else "'not in this version of cost'" }},
        false,
        {{ no_share_amounts() }},
        '{{ kind }}',
        cost_local_amount,
        fx_rate_id,
        {{ in_bases(["cost_amount"]) | join(", ") }},
        {{ no_line_amounts() }},
        _file,
        _line,
        {{ no_share_rule() }},
        {{ no_share_ends() }}
    from {{ ref(lines) }}
    where cost_local_amount is not null {{ "and crm_user_id is null" if cost_is_loaded() }}
{% endfor %}
{% if cost_is_loaded() %}
    union all
    select
        null,
        shares.employee_number,
        shares.month_on,
        shares.component,
        shares.currency,
        shares.nobodys_reason,
        false,
        {{ in_bases(["cost_amount", "whole_cost_amount"], "shares") | join(", ") }},
        shares.cost_local_amount,
        shares.whole_cost_local_amount,
        'cost_pool',
        pools.cost_local_amount,
        pools.fx_rate_id,
        {{ in_bases(["cost_amount"], "pools") | join(", ") }},
        {{ no_line_amounts() }},
        pools._file,
        pools._line,
        {{ no_share_rule() }},
        {{ no_share_ends() }}
    from {{ ref("core_pool_share") }} as shares
    inner join
        {{ ref("core_pool_line") }} as pools on shares.pool_id = pools.pool_id and shares.month_on = pools.month_on
    where shares.crm_user_id is null
{% endif %}
