-- Who carries how much of each pool: the part that reps carry goes by the rule's key to those who were employed in the
-- month; what nobody carries says why.
with
    pools as (select * from {{ ref("core_pool_line") }}),

    months as (select * from {{ ref("core_rep_month") }}),

    sold as (
        select crm_user_id, {{ part_on("day_on") }} as month_on, {{ sum_amount("revenue_amount") }} as revenue_amount
        from {{ ref("core_sale_day") }}
        group by 1, 2
        having sum(revenue_amount) > 0
    ),

    halves as (
        select *, 'reps' as half, pool_pct as half_weight
        from pools
        where pool_pct > 0
        union all
        select *, 'rest', 100 - pool_pct
        from pools
        where pool_pct < 100
    ),

    halved as (
        {{
            allocate(
                "halves",
                whole=["pool_id", "month_on"],
                part=["half"],
                amounts=in_bases(["cost_amount"]) + ["cost_local_amount"],
                weight="half_weight",
                into=in_bases(["half_amount"]) + ["half_local_amount"],
            )
        }}
    ),

    weighted as (
        select
            halved.pool_id,
            halved.component,
            halved.month_on,
            halved.currency,
            {{ renamed_in_bases("cost_amount", "whole_cost_amount", "halved") }},
            {{ in_bases(["half_amount"], "halved") | join(", ") }},
            halved.cost_local_amount as whole_cost_local_amount,
            halved.half_local_amount,
            months.crm_user_id,
            months.employee_number,
            case
                when halved.allocation_key = 'headcount'
                then months.present_pct_days
                when halved.allocation_key = 'full_time'
                then months.full_time_pct_days
                when months.is_last
                then sold.revenue_amount
            end as weight
        from halved
        inner join months on halved.month_on = months.month_on
        left join sold on months.crm_user_id = sold.crm_user_id and months.month_on = sold.month_on
        where halved.half = 'reps'
    ),

    carriers as (
        select
            *,
            cast(weight as decimal(18, 4)) as carried_weight,
            cast(sum(weight) over (partition by pool_id, month_on) as decimal(28, 4)) as carried_weight_total
        from weighted
        where weight > 0
    ),

    carried as (
        {{
            allocate(
                "carriers",
                whole=["pool_id", "month_on"],
                part=["crm_user_id", "employee_number"],
                amounts=in_bases(["half_amount"]) + ["half_local_amount"],
                weight="weight",
                into=in_bases(["cost_amount"]) + ["cost_local_amount"],
            )
        }}
    ),

    carried_pools as (select distinct pool_id, month_on from carriers)

select
    pool_id,
    component,
    month_on,
    currency,
    crm_user_id,
    employee_number,
    cast(null as varchar) as nobodys_reason,
    {{ in_bases(["cost_amount"]) | join(", ") }},
    cost_local_amount,
    {{ in_bases(["whole_cost_amount"]) | join(", ") }},
    whole_cost_local_amount,
    carried_weight,
    carried_weight_total
from carried
union all
select
    halved.pool_id,
    halved.component,
    halved.month_on,
    halved.currency,
    null,
    'unknown',
    case when halved.half = 'rest' then 'not for reps to carry' else 'nobody to carry it' end,
    {{ in_bases(["half_amount"], "halved") | join(", ") }},
    halved.half_local_amount,
    {{ in_bases(["cost_amount"], "halved") | join(", ") }},
    halved.cost_local_amount,
    null,
    null
from halved
left join carried_pools on halved.pool_id = carried_pools.pool_id and halved.month_on = carried_pools.month_on
where halved.half = 'rest' or carried_pools.pool_id is null
union all
select
    pool_id,
    component,
    month_on,
    currency,
    null,
    'unknown',
    'no allocation rule',
    {{ in_bases(["cost_amount"]) | join(", ") }},
    cost_local_amount,
    {{ in_bases(["cost_amount"]) | join(", ") }},
    cost_local_amount,
    null,
    null
from pools
where pool_pct is null
