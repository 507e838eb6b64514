-- Which parts of a full cost any rep was paid or carried, a fiscal year at a time: a part that nobody delivered is
-- missing, not zero. Management is there when a rule says how it is carried, though it be by nobody.
{% set components = cost_components() %}
with
    costs as (select * from {{ ref("core_rep_cost") }} where crm_user_id <> 'unknown' and month_on < {{ as_of_on() }}),

    rules as (select * from {{ now_known("allocation_rule") }} where lower(pool_kind) = 'management')

select
    costs.fiscal_year
    {% for component in components if component != "management" %}
        , max(case when costs.component = '{{ component }}' then 1 else 0 end) as has_{{ component }}
    {% endfor %}
    {% if "management" in components %}
        , max(case when rules.pool_kind is not null then 1 else 0 end) as has_management
    {% endif %}
from costs
left join rules on rules.valid_from_on <= costs.month_on and costs.month_on < rules.valid_to_on
group by costs.fiscal_year
