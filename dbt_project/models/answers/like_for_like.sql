with
    rep_years as (
        select holder_id as crm_user_id, fiscal_year, basis, revenue_amount, cost_amount
        from {{ ref("core_value_reading") }}
        where holder_type = 'rep' and reading = 'year' and lens = 'as_sold' and value_measure = 'revenue'
    ),

    years as (
        select distinct this.fiscal_year
        from rep_years as this
        inner join rep_years as before on this.fiscal_year = before.fiscal_year + 1
        where
            {{ fiscal_year_end_on("this.fiscal_year") }} <= {{ as_of_on() }}
            {{ and_is_as_long_as_the_one_before("this.fiscal_year") }}
    ),

    members as (
        select years.fiscal_year, 'everyone' as population, rep_years.crm_user_id
        from years
        inner join rep_years on rep_years.fiscal_year in (years.fiscal_year, years.fiscal_year - 1)
        union
        select fiscal_year, 'like_for_like', crm_user_id
        from {{ ref("core_steady_rep") }}
    ),

    sides as (
        select
            members.fiscal_year,
            members.population,
            rep_years.basis,
            members.crm_user_id,
            rep_years.fiscal_year = members.fiscal_year as is_this_year,
            rep_years.revenue_amount,
            rep_years.cost_amount
        from members
        inner join years on members.fiscal_year = years.fiscal_year
        inner join
            rep_years
            on members.crm_user_id = rep_years.crm_user_id
            and rep_years.fiscal_year in (members.fiscal_year, members.fiscal_year - 1)
    ),

    summed as (
        select
            fiscal_year,
            population,
            basis,
            cast(
                count(distinct case when is_this_year and crm_user_id <> 'unknown' then crm_user_id end) as integer
            ) as rep_count,
            {{ sum_amount("case when is_this_year then revenue_amount end") }} as revenue_amount,
            {{ sum_amount("case when not is_this_year then revenue_amount end") }} as before_revenue_amount,
            {{ sum_amount("case when is_this_year then cost_amount end") }} as cost_amount,
            {{ sum_amount("case when not is_this_year then cost_amount end") }} as before_cost_amount
        from sides
        group by 1, 2, 3
    )

select
    fiscal_year,
    population,
    basis,
    rep_count,
    revenue_amount,
    before_revenue_amount,
    {{ percent("(revenue_amount - before_revenue_amount)", "before_revenue_amount") }} as revenue_change_pct,
    cost_amount,
    before_cost_amount,
    {{ ratio("revenue_amount", "cost_amount") }} as value_ratio,
    {{ ratio("before_revenue_amount", "before_cost_amount") }} as before_value_ratio,
    {{ metrics_used(["revenue", "rep_cost", "value_ratio_year"]) }} as metric_versions
from summed
