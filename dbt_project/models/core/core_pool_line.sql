-- What each pool cost in a month, in reporting money, with the rule that held on the month's first day.
with
    pools as (select *, lower(pool_kind) as component from {{ latest("cost_pool") }}),

    rules as (select *, lower(pool_kind) as component from {{ now_known("allocation_rule") }}),

    rates as (select * from {{ ref("core_fx_day") }}),

    costed as (
        select
            pools.pool_id,
            pools.component,
            {{ month_on("pools.month_on") }} as month_on,
            {{ month_on("pools.month_on") }} as from_on,
            {{ add_months(month_on("pools.month_on"), 1) }} as to_on,
            pools.cost_centre,
            pools.pool_amount as cost_local_amount,
            pools.currency,
            rates.fx_rate_id,
            {{ money_product("pools.pool_amount", "rates.fx_rate") }} as cost_amount,
            {{ other_bases("pools.pool_amount", "rates.fx_rate", "cost_amount") }}
            lower(rules.allocation_key) as allocation_key,
            case when rules.component is not null then coalesce(rules.pool_pct, 100) end as pool_pct,
            rules._file as rule_file,
            rules._line as rule_line,
            pools._file,
            pools._line
        from pools
        left join
            rules
            on pools.component = rules.component
            and rules.valid_from_on <= pools.month_on
            and pools.month_on < rules.valid_to_on
        left join
            rates on pools.currency = rates.currency and {{ rate_day("pools.month_on") }} = rates.day_on
            {{ join_other_bases("pools", "month_on") }}
    )

    {{ divided_by_parts("costed", ["cost_local_amount"] + in_bases(["cost_amount"])) }}
