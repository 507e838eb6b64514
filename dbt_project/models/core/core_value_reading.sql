-- The four readings of the ratio for every holder, through every lens: each rep, team, manager,
-- territory, territory with all below it, and the company.
with
    all_costs as (select * from {{ ref("core_holder_cost") }}),

    all_values as (select * from {{ ref("core_holder_value") }}),

    holder_years as (
        select holder_type, holder_id, lens, fiscal_year
        from all_costs
        where fiscal_year is not null
        union
        select holder_type, holder_id, lens, fiscal_year
        from all_values
        where fiscal_year is not null
    ),

    readings as (
        select 'year' as reading, cast(null as integer) as age_months
        union all
        select 'book', null
        {% for age in cohort_ages() %}
            union all
            select 'cohort', {{ age }}
        {% endfor %}
    ),

    frame as (
        select holder_years.*, readings.reading, readings.age_months
        from holder_years
        cross join readings
        union all
        select distinct holder_type, holder_id, lens, cast(null as integer), 'career', cast(null as integer)
        from holder_years
    ),

    bases as ({{ basis_rows() }}),

    measures as (
        select 'revenue' as value_measure
        union all
        select distinct 'gross_margin'
        from {{ ref("core_order_line") }}
        where gross_margin_amount is not null
        {% if declared_amount() %}
            union all
            select '{{ var("contract_measure") }}'
        {% endif %}
    ),

    measured as (
        select
            frame.*,
            bases.basis,
            measures.value_measure,
            case
                when all_values.reading is null
                then 0
                {% if declared_amount() %}
                    when measures.value_measure = '{{ var("contract_measure") }}'
                    then {{ of_basis("declared_amount", "all_values") }}
                {% endif %}
                when measures.value_measure = 'revenue'
                then {{ of_basis("revenue_amount", "all_values") }}
                else {{ of_basis("gross_margin_amount", "all_values") }}
            end as summed_amount,
            coalesce({{ of_basis("revenue_amount", "all_values") }}, 0) as revenue_amount,
            coalesce(all_values.customers_acquired, 0) as customers_acquired,
            coalesce(all_values.left_censored_customers, 0) as left_censored_customers,
            coalesce(all_values.last_acquired_on, {{ fiscal_year_end_on("frame.fiscal_year") }}) as last_acquired_on,
            coalesce({{ of_basis("cost_amount", "all_costs") }}, 0) as cost_amount,
            {%- for part in cost_parts() %}
                coalesce({{ of_basis(part ~ "_cost_amount", "all_costs") }}, 0) as {{ part }}_cost_amount,
            {%- endfor %}
            coalesce({{ of_basis("estimated_amount", "all_costs") }}, 0) as estimated_amount
        from frame
        cross join measures
        cross join bases
        left join
            all_values
            on frame.holder_type = all_values.holder_type
            and frame.holder_id = all_values.holder_id
            and frame.lens = all_values.lens
            and frame.reading = all_values.reading
            and frame.fiscal_year is not distinct from all_values.fiscal_year
            and frame.age_months is not distinct from all_values.age_months
        left join
            all_costs
            on frame.holder_type = all_costs.holder_type
            and frame.holder_id = all_costs.holder_id
            and frame.lens = all_costs.lens
            and frame.fiscal_year is not distinct from all_costs.fiscal_year
        {% if declared_amount() %}
            -- What is told on other days than the sale's has no age, no book and no other lens.
            where
                measures.value_measure <> '{{ var("contract_measure") }}'
                or (frame.reading in ('year', 'career') and frame.lens = 'as_sold')
        {% endif %}
    )

select
    holder_type,
    holder_id,
    lens,
    reading,
    fiscal_year,
    age_months,
    basis,
    value_measure,
    case when reading = 'year' then cast(revenue_amount as decimal(18, 4)) end as revenue_amount,
    case when reading in ('cohort', 'career') then cast(customers_acquired as integer) end as customers_acquired,
    case
        when reading in ('cohort', 'career') then cast(left_censored_customers as integer)
    end as left_censored_customers,
    case
        when age_months is not null then {{ add_months("last_acquired_on", "age_months") }} <= {{ as_of_on() }}
    end as is_mature,
    cast(
        case
            when reading = 'book' then {{ money_divided_by("summed_amount", book_divisor()) }} else summed_amount
        end as decimal(18, 4)
    ) as value_amount,
    cast(cost_amount as decimal(18, 4)) as cost_amount,
    {%- for part in cost_parts() %}
        cast({{ part }}_cost_amount as decimal(18, 4)) as {{ part }}_cost_amount,
    {%- endfor %}
    cast(estimated_amount as decimal(18, 4)) as estimated_amount
from measured
