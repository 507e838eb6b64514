{% set is_standard = "standard" in var("cost_bases") %}
with
    sums as (select * from {{ ref("core_segment_value") }}),

    costs as (
        select
            segment_type,
            segment,
            lens,
            fiscal_year,
            basis,
            {{ sum_amount("case when allocation_key = 'revenue' then cost_amount end") }} as cost_amount,
            {{ sum_amount("case when allocation_key = 'customers' then cost_amount end") }} as next_key_cost_amount
            {%- if is_standard %}
                ,
                {{ sum_amount("case when allocation_key = 'revenue' then standard_cost_amount end") }}
                as standard_cost_amount
            {%- endif %}
        from {{ ref("core_segment_cost") }}
        group by 1, 2, 3, 4, 5
    ),

    wins as (select * from sums where reading = 'cohort' and age_months is null),

    {% if declared_amount() %}
        declared as (select *, 'as_sold' as lens from {{ ref("core_segment_measure") }}),
    {% endif %}

    retention as (select *, 'as_sold' as lens from {{ ref("core_segment_retention") }}),

    payback as (select * from {{ ref("core_segment_payback") }}),

    years as (
        select segment_type, segment, lens, fiscal_year
        from sums
        union
        select segment_type, segment, lens, fiscal_year
        from costs
        union
        select segment_type, segment, lens, fiscal_year
        from retention
        {% if declared_amount() %}
            union
            select segment_type, segment, lens, fiscal_year
            from declared
        {% endif %}
    ),

    readings as (
        select 'year' as reading, cast(null as integer) as age_months
        {% for age in cohort_ages() %}
            union all
            select 'cohort', {{ age }}
        {% endfor %}
    ),

    bases as ({{ basis_rows() }}),

    yearly as (
        select
            years.*,
            bases.basis,
            readings.reading,
            readings.age_months,
            sums.reading is not null as has_value,
            coalesce({{ of_basis("revenue_amount", "sums") }}, 0) as revenue_amount,
            {{ of_basis("gross_margin_amount", "sums") }} as gross_margin_amount,
            {% if declared_amount() %}
                coalesce({{ of_basis("declared_amount", "declared") }}, 0) as declared_amount,
            {% endif %}
            coalesce(costs.cost_amount, 0) as cost_amount,
            coalesce(costs.next_key_cost_amount, 0) as next_key_cost_amount,
            {% if is_standard %} coalesce(costs.standard_cost_amount, 0)
            {% else %} cast(null as decimal(18, 4))
            {% endif %} as standard_cost_amount,
            coalesce(wins.customers_acquired, 0) as customers_acquired,
            coalesce(wins.last_acquired_on, {{ fiscal_year_end_on("years.fiscal_year") }}) as last_acquired_on
        from years
        cross join readings
        cross join bases
        left join
            sums
            on years.segment_type = sums.segment_type
            and years.segment = sums.segment
            and years.lens = sums.lens
            and years.fiscal_year = sums.fiscal_year
            and readings.reading = sums.reading
            and readings.age_months is not distinct from sums.age_months
        left join
            costs
            on years.segment_type = costs.segment_type
            and years.segment = costs.segment
            and years.lens = costs.lens
            and years.fiscal_year = costs.fiscal_year
            and bases.basis = costs.basis
        left join
            wins
            on years.segment_type = wins.segment_type
            and years.segment = wins.segment
            and years.lens = wins.lens
            and years.fiscal_year = wins.fiscal_year
        {% if declared_amount() %}
            left join
                declared
                on {{ key_where("readings.age_months is null", "years.segment_type") }} = declared.segment_type
                and years.segment = declared.segment
                and years.lens = declared.lens
                and years.fiscal_year = declared.fiscal_year
                and readings.reading = declared.reading
        {% endif %}
    ),

    all_years as (
        select *
        from yearly
        union all
        select
            segment_type,
            segment,
            lens,
            null,
            basis,
            'career',
            null,
            true,
            sum(revenue_amount),
            {{ sum_if_all_known("case when has_value then gross_margin_amount else 0 end") }},
            {% if declared_amount() %} sum(declared_amount), {% endif %}
            sum(cost_amount),
            sum(next_key_cost_amount),
            sum(standard_cost_amount),
            sum(customers_acquired),
            null
        from yearly
        where reading = 'cohort' and age_months is null
        group by 1, 2, 3, 5
    ),

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
            all_years.*,
            measures.value_measure,
            cast(
                case
                    when measures.value_measure = 'revenue'
                    then revenue_amount
                    {% if declared_amount() %}
                        when measures.value_measure = '{{ var("contract_measure") }}' then declared_amount
                    {% endif %}
                    when has_value
                    then gross_margin_amount
                    else 0
                end as decimal(18, 4)
            ) as value_amount
        from all_years
        cross join measures
        {% if declared_amount() %}
            where
                measures.value_measure <> '{{ var("contract_measure") }}'
                or (reading in ('year', 'career') and lens = 'as_sold')
        {% endif %}
    ),

    -- Under the next-best key a year is told as it was sold: who holds an account is no matter of it.
    keyed as (
        select
            measured.*,
            case
                when reading = 'year' and lens = 'as_sold' then cast(next_key_cost_amount as decimal(18, 4))
            end as cost_by_next_key_amount
        from measured
    ),

    segments as (select * from {{ ref("core_segment") }})

select
    measured.segment_type,
    measured.segment,
    segments.first_segment,
    segments.second_segment,
    measured.reading,
    measured.fiscal_year,
    measured.age_months,
    measured.lens,
    measured.basis,
    measured.value_measure,
    case when measured.reading = 'year' then cast(measured.revenue_amount as decimal(18, 4)) end as revenue_amount,
    cast(measured.customers_acquired as integer) as customers_acquired,
    case
        when measured.age_months is not null
        then {{ add_months("measured.last_acquired_on", "measured.age_months") }} <= {{ as_of_on() }}
    end as is_mature,
    case when measured.reading <> 'year' then measured.value_amount end as realised_ltv_amount,
    measured.value_amount,
    cast(measured.cost_amount as decimal(18, 4)) as cost_amount,
    {{ ratio("measured.value_amount", "measured.cost_amount") }} as value_ratio,
    'revenue' as allocation_key,
    {{ metric_version("segment_cost_revenue") }} as allocation_key_version,
    case when measured.cost_by_next_key_amount is not null then 'customers' end as next_key,
    measured.cost_by_next_key_amount as next_key_cost_amount,
    {{ ratio("measured.value_amount", "measured.cost_by_next_key_amount") }} as next_key_value_ratio,
    cast(measured.standard_cost_amount as decimal(18, 4)) as standard_cost_amount,
    {{ ratio("measured.value_amount", "measured.standard_cost_amount") }} as standard_value_ratio,
    cast(payback.payback_months as integer) as payback_months,
    retention.customers_before,
    retention.customers_retained,
    retention.before_amount,
    retention.gross_retained_amount,
    retention.net_retained_amount,
    {{ percent("retention.gross_retained_amount", "retention.before_amount") }} as gross_retention_pct,
    {{ percent("retention.net_retained_amount", "retention.before_amount") }} as net_retention_pct,
    {{ value_metrics_used("measured", ["segment_cost_revenue", "segment_cost_customers", "payback", "retention"]) }}
    as metric_versions
from keyed as measured
left join segments on measured.segment_type = segments.segment_type and measured.segment = segments.segment
left join
    retention
    on {{ key_where("measured.reading = 'year' and measured.value_measure = 'revenue'", "measured.segment_type") }}
    = retention.segment_type
    and measured.segment = retention.segment
    and measured.lens = retention.lens
    and measured.basis = retention.basis
    and measured.fiscal_year = retention.fiscal_year
left join
    payback
    on {{
        key_where(
            "measured.reading = 'cohort' and measured.age_months is null and measured.lens = 'as_sold'",
            "measured.segment_type",
        )
    }} = payback.segment_type
    and measured.segment = payback.segment
    and measured.fiscal_year = payback.fiscal_year
    and measured.basis = payback.basis
    and measured.value_measure = payback.value_measure
