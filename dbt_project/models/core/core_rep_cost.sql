-- What everybody cost in a month, for whatever adds it up: delivered lines, shares of pools, coaching, and what moves
-- from managers to their reps. What moves is a negative row of its own component where it comes from.
with
    moved as (
        select 'coaching' as component, shares.*
        from {{ ref("core_coaching_share") }} as shares
        union all
        select 'management', shares.*
        from {{ ref("core_management_share") }} as shares
    ),

    costs as (
        select
            crm_user_id,
            employee_number,
            nobodys_reason,
            month_on,
            component,
            currency,
            is_estimated,
            {{ in_bases(["cost_amount"]) | join(", ") }},
            cost_local_amount
        from {{ ref("core_cost_line") }}
        {% if cost_is_loaded() %}
            union all
            select
                crm_user_id,
                employee_number,
                nobodys_reason,
                month_on,
                component,
                currency,
                false,
                {{ in_bases(["cost_amount"]) | join(", ") }},
                cost_local_amount
            from {{ ref("core_pool_share") }}
            union all
            select
                crm_user_id,
                employee_number,
                nobodys_reason,
                month_on,
                'coaching',
                currency,
                false,
                {{ in_bases(["cost_amount"]) | join(", ") }},
                cost_local_amount
            from {{ ref("core_coaching_line") }}
            where cost_local_amount is not null
            union all
            select
                crm_user_id,
                employee_number,
                null,
                month_on,
                component,
                currency,
                is_estimated,
                {{ in_bases(["cost_amount"]) | join(", ") }},
                cost_local_amount
            from moved
            union all
            select
                from_crm_user_id,
                from_employee_number,
                null,
                month_on,
                component,
                currency,
                is_estimated,
                {{ renamed_in_bases("cost_amount", "cost_amount", sign="-") }},
                - cost_local_amount
            from moved
        {% else %}
            {% for lines, component in (("core_pool_line", "component"), ("core_coaching_line", "'coaching'")) %}
                union all
                select
                    null,
                    'unknown',
                    'not in this version of cost',
                    month_on,
                    {{ component }},
                    currency,
                    false,
                    {{ in_bases(["cost_amount"]) | join(", ") }},
                    cost_local_amount
                from {{ ref(lines) }}
                where cost_local_amount is not null
            {% endfor %}
        {% endif %}
    )

select
    crm_user_id,
    employee_number,
    nobodys_reason,
    month_on,
    {{ fiscal_year("month_on") }} as fiscal_year,
    component,
    currency,
    is_estimated,
    {{ is_apart("component") }} as is_apart,
    {{ cost_part("component") }} as cost_part,
    {{ summed_in_bases("cost_amount") }},
    {{ sum_amount("cost_local_amount") }} as cost_local_amount
from costs
group by 1, 2, 3, 4, 5, 6, 7, 8
