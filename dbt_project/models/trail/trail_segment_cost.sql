-- Which delivered line of cost is in which segment: core_segment_cost, line by line. Of a rep's line a segment takes
-- the part that it takes of the rep's year, and of a spend that of its method's year.
with
    parts as (select * from {{ ref("core_segment_cost") }}),

    costs as (
        select *, {{ fiscal_year("month_on") }} as fiscal_year
        from {{ ref("trail_cost_line") }}
        where month_on < {{ as_of_on() }}
    ),

    spend as (select * from {{ ref("core_marketing_line") }} where month_on < {{ as_of_on() }})

select
    parts.allocation_key,
    parts.segment_type,
    parts.segment,
    parts.lens,
    parts.fiscal_year,
    parts.basis,
    parts.cost_kind,
    parts.crm_user_id,
    parts.cost_amount as part_amount,
    {% if "standard" in var("cost_bases") %} parts.standard_cost_amount as standard_part_amount, {% endif %}
    parts.whole_cost_amount,
    costs.component,
    {{ of_basis("cost_amount", "costs", "parts.basis") }} as cost_amount,
    costs.currency,
    costs.cost_local_amount,
    costs.fx_rate_id,
    {{ of_basis("share_amount", "costs", "parts.basis") }} as share_amount,
    {{ of_basis("share_whole_amount", "costs", "parts.basis") }} as share_whole_amount,
    costs.line_cost_local_amount,
    case
        parts.basis
        {%- for basis in var("bases") %}
            when '{{ basis }}' then costs.line_{{ based("cost_amount", basis) }}
        {% endfor %}
    end as line_cost_amount,
    costs.entity,
    costs.month_on,
    costs.rated_on,
    costs._file,
    costs._line,
    {{ share_rule("costs") }},
    {{ share_ends("costs") }},
    costs.employee_number,
    costs.is_estimated
from parts
inner join costs on parts.crm_user_id = costs.crm_user_id and parts.fiscal_year = costs.fiscal_year
where parts.cost_kind = 'reps'
union all
select
    parts.allocation_key,
    parts.segment_type,
    parts.segment,
    parts.lens,
    parts.fiscal_year,
    parts.basis,
    parts.cost_kind,
    parts.crm_user_id,
    parts.cost_amount,
    {% if "standard" in var("cost_bases") %} parts.standard_cost_amount, {% endif %}
    parts.whole_cost_amount,
    null,
    {{ of_basis("spend_amount", "spend", "parts.basis") }},
    spend.currency,
    spend.spend_local_amount,
    spend.fx_rate_id,
    null,
    null,
    null,
    null,
    'marketing_spend',
    spend.month_on,
    spend.month_on,
    spend._file,
    spend._line,
    {{ no_share_rule() }},
    {{ no_share_ends() }},
    null,
    false
from parts
inner join spend on parts.acquisition_method = spend.acquisition_method and parts.fiscal_year = spend.fiscal_year
where parts.cost_kind = 'marketing'
