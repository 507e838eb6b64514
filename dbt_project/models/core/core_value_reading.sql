-- The four readings of the ratio for every holder: each rep, team, manager, territory, and the company.
{% set holders = {
    "rep": "crm_user_id",
    "team": "team_id",
    "manager": "manager_crm_user_id",
    "territory": "territory_id",
    "company": "'company'",
} %}
with
    pieces as (select * from {{ ref("core_value_piece") }}),

    costs as (
        select
            costs.crm_user_id,
            groups.team_id,
            groups.manager_crm_user_id,
            groups.territory_id,
            costs.fiscal_year,
            costs.cost_amount
        from {{ ref("core_cost_line") }} as costs
        inner join {{ ref("core_month") }} as months on costs.month_on = months.month_on
        inner join
            {{ ref("core_rep_group") }} as groups
            on costs.crm_user_id = groups.crm_user_id
            and months.last_day_on = groups.day_on
        where costs.month_on < {{ as_of_on() }}
    ),

    held_pieces as (
        {% for type, id in holders.items() %}
            select '{{ type }}' as holder_type, {{ id }} as holder_id, *
            from pieces
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    held_costs as (
        {% for type, id in holders.items() %}
            select '{{ type }}' as holder_type, {{ id }} as holder_id, fiscal_year, cost_amount
            from costs
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    year_costs as (
        select holder_type, holder_id, fiscal_year, {{ sum_amount("cost_amount") }} as cost_amount
        from held_costs
        group by 1, 2, 3
    ),

    year_values as (
        select
            holder_type,
            holder_id,
            reading,
            fiscal_year,
            age_months,
            {{ sum_amount("revenue_amount") }} as revenue_amount,
            {{ sum_if_all_known("gross_margin_amount") }} as gross_margin_amount,
            sum(customers_acquired) as customers_acquired,
            sum(left_censored_customers) as left_censored_customers,
            max(last_acquired_on) as last_acquired_on
        from held_pieces
        group by 1, 2, 3, 4, 5
    ),

    -- A career is every cohort to date against every year's cost.
    all_costs as (
        select *
        from year_costs
        union all
        select holder_type, holder_id, null, {{ sum_amount("cost_amount") }}
        from year_costs
        group by 1, 2
    ),

    all_values as (
        select *
        from year_values
        union all
        select
            holder_type,
            holder_id,
            'career',
            null,
            null,
            {{ sum_amount("revenue_amount") }},
            {{ sum_if_all_known("gross_margin_amount") }},
            sum(customers_acquired),
            sum(left_censored_customers),
            max(last_acquired_on)
        from year_values
        where reading = 'cohort' and age_months is null
        group by 1, 2
    ),

    holder_years as (
        select holder_type, holder_id, fiscal_year
        from year_costs
        union
        select holder_type, holder_id, fiscal_year
        from year_values
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
        select distinct holder_type, holder_id, cast(null as integer), 'career', cast(null as integer)
        from holder_years
    ),

    measures as (
        select 'revenue' as value_measure
        union all
        select distinct 'gross_margin'
        from {{ ref("core_order_line") }}
        where gross_margin_amount is not null
    ),

    measured as (
        select
            frame.*,
            measures.value_measure,
            case
                when all_values.reading is null
                then 0
                when measures.value_measure = 'revenue'
                then all_values.revenue_amount
                else all_values.gross_margin_amount
            end as summed_amount,
            coalesce(all_values.revenue_amount, 0) as revenue_amount,
            coalesce(all_values.customers_acquired, 0) as customers_acquired,
            coalesce(all_values.left_censored_customers, 0) as left_censored_customers,
            coalesce(all_values.last_acquired_on, {{ fiscal_year_end_on("frame.fiscal_year") }}) as last_acquired_on,
            coalesce(all_costs.cost_amount, 0) as cost_amount
        from frame
        cross join measures
        left join
            all_values
            on frame.holder_type = all_values.holder_type
            and frame.holder_id = all_values.holder_id
            and frame.reading = all_values.reading
            and frame.fiscal_year is not distinct from all_values.fiscal_year
            and frame.age_months is not distinct from all_values.age_months
        left join
            all_costs
            on frame.holder_type = all_costs.holder_type
            and frame.holder_id = all_costs.holder_id
            and frame.fiscal_year is not distinct from all_costs.fiscal_year
    )

select
    holder_type,
    holder_id,
    reading,
    fiscal_year,
    age_months,
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
        case when reading = 'book' then {{ money_divided_by("summed_amount", 12) }} else summed_amount end as decimal(
            18, 4
        )
    ) as value_amount,
    cast(cost_amount as decimal(18, 4)) as cost_amount
from measured
