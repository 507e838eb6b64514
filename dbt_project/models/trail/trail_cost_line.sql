-- Which delivered line is in whose cost: as it is, or the part of it that is carried of a pool or of a manager. What a
-- manager hands on is there again as a negative part of each of the manager's lines.
with
    lines as (select * from {{ ref("core_cost_line") }} where crm_user_id is not null),

    paid_lines as (select * from lines where crm_user_id <> 'unknown' and not {{ is_apart("component") }}),

    moved as (
        select 'coaching' as component, shares.*
        from {{ ref("core_coaching_share") }} as shares
        union all
        select 'management', shares.*
        from {{ ref("core_management_share") }} as shares
    ),

    -- Both ends of what moves, with the manager whose lines it is made of.
    ends as (
        select
            component,
            crm_user_id,
            employee_number,
            from_crm_user_id,
            from_employee_number,
            month_on,
            currency,
            is_estimated,
            {{ in_bases(["cost_amount", "whole_cost_amount"]) | join(", ") }},
            cost_local_amount,
            whole_cost_local_amount,
            {{ share_rule() }},
            crm_user_id as carrier_crm_user_id,
            employee_number as carrier_employee_number
        from moved
        union all
        select
            component,
            from_crm_user_id,
            from_employee_number,
            from_crm_user_id,
            from_employee_number,
            month_on,
            currency,
            is_estimated,
            {% for basis in var("bases") %}
                - {{ based("cost_amount", basis) }}, {{ based("whole_cost_amount", basis) }},
            {% endfor %}
            - cost_local_amount,
            whole_cost_local_amount,
            {{ share_rule() }},
            crm_user_id,
            employee_number
        from moved
    )

select
    crm_user_id,
    employee_number,
    month_on,
    rated_on,
    component,
    currency,
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
from lines
{% if cost_is_loaded() %}
    union all
    select
        shares.crm_user_id,
        shares.employee_number,
        shares.month_on,
        shares.month_on,
        shares.component,
        shares.currency,
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
        pools.allocation_key,
        pools.pool_pct,
        shares.carried_weight,
        shares.carried_weight_total,
        pools.rule_file,
        pools.rule_line,
        shares.crm_user_id,
        shares.employee_number,
        null,
        null
    from {{ ref("core_pool_share") }} as shares
    inner join
        {{ ref("core_pool_line") }} as pools on shares.pool_id = pools.pool_id and shares.month_on = pools.month_on
    where shares.crm_user_id is not null
    union all
    select
        crm_user_id,
        employee_number,
        month_on,
        month_on,
        'coaching',
        currency,
        false,
        {{ no_share_amounts() }},
        'coaching',
        cost_local_amount,
        fx_rate_id,
        {{ in_bases(["cost_amount"]) | join(", ") }},
        {{ no_line_amounts() }},
        _file,
        _line,
        {{ no_share_rule() }},
        {{ no_share_ends() }}
    from {{ ref("core_coaching_line") }}
    where crm_user_id is not null and cost_local_amount is not null
    union all
    select
        ends.crm_user_id,
        ends.employee_number,
        ends.month_on,
        paid_lines.rated_on,
        ends.component,
        ends.currency,
        ends.is_estimated,
        {{ in_bases(["cost_amount", "whole_cost_amount"], "ends") | join(", ") }},
        ends.cost_local_amount,
        ends.whole_cost_local_amount,
        paid_lines.entity,
        paid_lines.cost_local_amount,
        paid_lines.fx_rate_id,
        {{ in_bases(["cost_amount"], "paid_lines") | join(", ") }},
        paid_lines.line_cost_local_amount,
        {% for basis in var("bases") %} paid_lines.line_{{ based("cost_amount", basis) }}, {% endfor %}
        paid_lines._file,
        paid_lines._line,
        {{ share_rule("ends") }},
        {{ share_ends("ends") }}
    from ends
    inner join
        paid_lines
        on ends.from_crm_user_id = paid_lines.crm_user_id
        and ends.from_employee_number = paid_lines.employee_number
        and ends.month_on = paid_lines.month_on
        and ends.currency = paid_lines.currency
        and ends.is_estimated = paid_lines.is_estimated
{% endif %}
