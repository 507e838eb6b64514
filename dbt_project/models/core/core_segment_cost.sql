{{ config(materialized="view") }}
-- The parts with what their whole is. They are kept as numbers: written out, millions of them would name it each.
select
    wholes.allocation_key,
    wholes.segment_type,
    parts.segment,
    wholes.lens,
    wholes.fiscal_year,
    wholes.basis,
    wholes.cost_kind,
    wholes.crm_user_id,
    wholes.acquisition_method,
    wholes.cost_amount as whole_cost_amount,
    parts.cost_amount
    {%- if "standard" in var("cost_bases") %}, parts.standard_cost_amount {%- endif %}
from {{ ref("core_segment_part") }} as parts
inner join {{ ref("core_segment_whole") }} as wholes on parts.whole_number = wholes.whole_number
