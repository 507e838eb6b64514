with
    readings as (select * from {{ ref("core_value_reading") }} where holder_type = 'rep'),

    reps as (select * from {{ ref("core_rep") }}),

    missing as (select * from {{ ref("core_cost_component") }})

select
    readings.holder_id as crm_user_id,
    readings.reading,
    readings.fiscal_year,
    readings.age_months,
    readings.lens,
    readings.basis,
    readings.value_measure,
    'actual' as cost_basis,
    reps.employee_number,
    coalesce(reps.rep_name, 'unknown') as rep_name,
    {{
        value_columns(
            has_pay="reps.employee_number is not null or reps.crm_user_id is null",
            is_ratio_withheld=bears_no_credit("reps.rep_role"),
        )
    }},
    case
        when {{ bears_no_credit("reps.rep_role") }}
        then concat('counted in the group: the role ', reps.rep_role, ' bears no credit')
    end as ratio_withheld_reason
from readings
left join reps on readings.holder_id = reps.crm_user_id
left join missing on readings.fiscal_year is not distinct from missing.fiscal_year
