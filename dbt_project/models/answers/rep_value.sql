{% set costs = ["cost_amount", "estimated_amount"] %}
{% for part in cost_parts() %} {% do costs.append(part ~ "_cost_amount") %} {% endfor %}
{% set others = ["holder_id", "reading", "fiscal_year", "age_months", "lens", "basis", "value_measure", "revenue_amount",
    "customers_acquired", "left_censored_customers", "is_mature", "value_amount"] %}
with
    actual as (select * from {{ ref("core_value_reading") }} where holder_type = 'rep'),

    readings as (
        select
            {{ (others + costs) | join(", ") }},
            'actual' as cost_basis,
            cast(null as varchar) as standard_cost_level,
            cast(null as integer) as standard_cost_people
        from actual
        {% if "standard" in var("cost_bases") %}
            union all
            select
                {% for name in others %} actual.{{ name }}, {% endfor %}
                {% for name in costs %}
                    coalesce({{ of_basis(name, "standard", "actual.basis") }}, actual.{{ name }}),
                {% endfor %}
                'standard',
                coalesce(standard.standard_cost_level, 'person'),
                case when standard.standard_cost_level is null then 1 else standard.standard_cost_people end
            from actual
            left join
                {{ ref("core_standard_cost") }} as standard
                on actual.holder_id = standard.crm_user_id
                and actual.fiscal_year is not distinct from standard.fiscal_year
            where actual.reading in ('year', 'cohort', 'career')
        {% endif %}
    ),

    reps as (select * from {{ ref("core_rep") }}),

    missing as (select * from {{ ref("core_holder_component") }} where holder_type = 'rep')

select
    readings.holder_id as crm_user_id,
    readings.reading,
    readings.fiscal_year,
    readings.age_months,
    readings.lens,
    readings.basis,
    readings.value_measure,
    readings.cost_basis,
    reps.employee_number,
    coalesce(reps.rep_name, 'unknown') as rep_name,
    {{ value_columns(withheld_reason="roles.ratio_withheld_reason", cost_basis="readings.cost_basis") }},
    case
        when roles.ratio_withheld_reason is not null
        then roles.ratio_withheld_reason
        when readings.cost_amount < 0
        then 'the cost is below 0: more was taken back than paid'
    end as ratio_withheld_reason,
    readings.standard_cost_level,
    readings.standard_cost_people
from readings
left join reps on readings.holder_id = reps.crm_user_id
left join
    {{ ref("core_rep_role") }} as roles
    on readings.holder_id = roles.crm_user_id
    and readings.fiscal_year is not distinct from roles.fiscal_year
left join
    missing
    on readings.holder_id = missing.holder_id
    and readings.lens = missing.lens
    and readings.fiscal_year is not distinct from missing.fiscal_year
