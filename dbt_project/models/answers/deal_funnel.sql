with
    listed as (select * from {{ ref("core_list_sale") }}),

    deals as (
        {% for basis in var("bases") %}
            select
                '{{ basis }}' as basis,
                crm_user_id,
                account_id,
                fiscal_year,
                sum(created) as created,
                sum(won) as won,
                sum(lost) as lost,
                sum(won_amount) as won_amount,
                sum(lost_amount) as lost_amount,
                sum(dated_wins) as dated_wins,
                sum(cycle_days) as cycle_days,
                sum(pipeline_amount) as pipeline_amount,
                0 as list_amount,
                0 as listed_revenue_amount
            from ({{ deal_events(basis) }}) as events
            group by 1, 2, 3, 4
            union all
            select
                '{{ basis }}',
                crm_user_id,
                account_id,
                fiscal_year,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                {{ based("list_amount", basis) }},
                {{ based("listed_revenue_amount", basis) }}
            from listed
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    targets as (
        {% for basis in var("bases") %}
            select
                '{{ basis }}' as basis,
                owner_type,
                owner_id,
                fiscal_year,
                {{ sum_amount(based("target_amount", basis)) }} as target_amount
            from {{ ref("core_year_goal") }}
            group by 1, 2, 3, 4
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    placed as ({{ placed_at_year_end("deals") }}),

    cut as ({{ held_by_each("placed", kinds=funnel_cuts(), names=["cut_type", "cut_id"]) }}),

    summed as (
        select
            cut_type,
            cut_id,
            fiscal_year,
            basis,
            cast(sum(created) as integer) as opportunities_created,
            cast(sum(won) as integer) as opportunities_won,
            cast(sum(lost) as integer) as opportunities_lost,
            {{ sum_amount("won_amount") }} as won_amount,
            {{ sum_amount("lost_amount") }} as lost_amount,
            sum(dated_wins) as dated_wins,
            sum(cycle_days) as cycle_days,
            {{ sum_amount("list_amount") }} as list_amount,
            {{ sum_amount("listed_revenue_amount") }} as listed_revenue_amount,
            {{ sum_amount("pipeline_amount") }} as pipeline_amount
        from cut
        group by 1, 2, 3, 4
    )

select
    summed.cut_type,
    summed.cut_id,
    summed.fiscal_year,
    summed.basis,
    summed.opportunities_created,
    summed.opportunities_won,
    summed.opportunities_lost,
    {{ percent("summed.opportunities_won", "(summed.opportunities_won + summed.opportunities_lost)") }} as win_rate_pct,
    summed.won_amount,
    summed.lost_amount,
    {{ percent("summed.won_amount", "(summed.won_amount + summed.lost_amount)") }} as win_rate_amount_pct,
    case
        when summed.opportunities_won > 0 then {{ money_divided_by("summed.won_amount", "summed.opportunities_won") }}
    end as mean_deal_amount,
    {{ ratio("summed.cycle_days", "summed.dated_wins") }} as mean_cycle_days,
    summed.list_amount,
    cast(summed.list_amount - summed.listed_revenue_amount as decimal(18, 4)) as discount_amount,
    {{ percent("(summed.list_amount - summed.listed_revenue_amount)", "summed.list_amount") }} as discount_pct,
    summed.pipeline_amount,
    targets.target_amount,
    {{ percent("summed.pipeline_amount", "targets.target_amount") }} as pipeline_coverage_pct,
    {{ metrics_used(["win_rate", "deal_cycle", "mean_deal", "discount", "pipeline_coverage"]) }} as metric_versions
from summed
left join
    targets
    on summed.cut_type = targets.owner_type
    and summed.cut_id = targets.owner_id
    and summed.fiscal_year = targets.fiscal_year
    and summed.basis = targets.basis
