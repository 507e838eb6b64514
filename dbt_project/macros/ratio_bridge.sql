{#- The steps of value between two years, in the order in which they are shown. Cost comes after them. -#}
{% macro value_steps() %} {% do return(["exchange", "price", "mix", "retention", "volume"]) %} {% endmacro %}

{#- The steps that count units at the mean price: what can't be told apart by price and product is in them, whole. -#}
{% macro unit_steps() %} {% do return(["retention", "volume"]) %} {% endmacro %}

{#- What is added up of a sale's steps: an amount each, and what of it is not told apart. -#}
{% macro bridge_amounts() -%}
    {%- set names = [] -%}
    {%- for step in value_steps() -%} {%- do names.append(step ~ "_amount") -%} {%- endfor -%}
    {%- for step in unit_steps() -%} {%- do names.append("unsplit_" ~ step ~ "_amount") -%} {%- endfor -%}
    {% do return(names) %}
{%- endmacro %}

{#-
  Each sale in two fiscal years that are over: in its own it adds (side 1), in the one after it takes off (side -1). With its units,
  and its revenue at the mean day's rate of the year before. Body of a CTE.
-#}
{% macro bridge_sides() -%}
    {%- set units = "abs(lines.quantity) * case when lines.booked_amount < 0 then -1 else 1 end" -%}
    with
        years as (
            select distinct fiscal_year
            from {{ ref("core_lens_year") }}
            where {{ fiscal_year_end_on("fiscal_year") }} <= {{ as_of_on() }}
        ),

        day_rates as (
            select currency, day_on, fx_rate, {{ fiscal_year("day_on") }} as fiscal_year from {{ ref("core_fx_day") }}
        ),

        year_rates as (
            select
                currency,
                fiscal_year + 1 as fiscal_year,
                {{ rate_quotient("sum(fx_rate)", "count(*)") }} as mean_fx_rate
            from day_rates
            group by 1, 2
        ),

        -- A currency without a rate in the year before keeps the day's: it has no exchange to speak of.
        rate_changes as (
            select
                days.currency,
                days.day_on,
                days.fiscal_year,
                case
                    when days.fx_rate = year_rates.mean_fx_rate
                    then cast(1 as decimal(24, 12))
                    else {{ rate_quotient("year_rates.mean_fx_rate", "days.fx_rate") }}
                end as rate_change
            from
                (
                    select *
                    from day_rates
                    union all
                    select currency, day_on, fx_rate, fiscal_year + 1
                    from day_rates
                ) as days
            inner join years on days.fiscal_year = years.fiscal_year
            inner join year_rates on days.currency = year_rates.currency and days.fiscal_year = year_rates.fiscal_year
        ),

        split_totals as (
            select order_line_id, sum(split_pct) as split_total_pct
            from {{ ref("core_revenue_share") }}
            where split_pct is not null
            group by 1
        ),

        sold as (
            select
                shares.order_line_id,
                shares.crm_user_id,
                shares.split_pct,
                shares.revenue_amount,
                lines.ordered_on,
                lines.fiscal_year as sold_year,
                lines.account_id,
                lines.product_code,
                lines.currency,
                case
                    when shares.split_pct is null
                    then {{ units }}
                    else {{ money_part(units, "shares.split_pct", "split_totals.split_total_pct") }}
                end as sold_units
            from {{ ref("core_revenue_share") }} as shares
            inner join {{ ref("core_order_line") }} as lines on shares.order_line_id = lines.order_line_id
            left join split_totals on shares.order_line_id = split_totals.order_line_id
            where lines.ordered_on < {{ as_of_on() }}
        ),

        sides as (
            select *, sold_year as fiscal_year, 1 as side
            from sold
            union all
            select *, sold_year + 1, -1
            from sold
        )

    select
        sides.*,
        sides.product_code is not null and sides.sold_units <> 0 as has_price,
        {{ money_product("sides.revenue_amount", "coalesce(rate_changes.rate_change, 1)") }} as old_rate_amount
    from sides
    inner join years on sides.fiscal_year = years.fiscal_year
    left join
        rate_changes
        on sides.currency = rate_changes.currency
        and {{ rate_day("sides.ordered_on") }} = rate_changes.day_on
        and sides.fiscal_year = rate_changes.fiscal_year
{%- endmacro %}

{#-
  What each sale does to the value of a fiscal year that is over, against the year before. Four values of it follow each other, and
  a step is the way from one to the next: revenue; at the mean day's rate of the year before; its units at that year's price of the
  product; its units at that year's mean price of all products. Every step is linear in the sales, so groups are sums of reps. Body
  of a CTE.
-#}
{% macro bridge_lines() -%}
    with
        sides as ({{ bridge_sides() }}),

        groups as (select * from {{ ref("core_rep_group") }}),

        -- First of all, so that one group's lines are found without stepping everybody's.
        valued as (
            select sides.*, groups.team_id, groups.manager_crm_user_id, groups.territory_id
            from sides
            inner join groups on sides.crm_user_id = groups.crm_user_id and sides.ordered_on = groups.day_on
        ),

        prices as (select * from {{ ref("core_bridge_price") }}),

        mean_prices as (select distinct fiscal_year, mean_price_amount from prices),

        -- Of a table by customers, so that one rep's lines are found without reading everybody's.
        customers_before as (
            select distinct fiscal_year + 1 as fiscal_year, account_id from {{ ref("core_sale_account") }}
        ),

        stepped as (
            select
                valued.*,
                valued.has_price and mean_prices.fiscal_year is not null as is_split,
                customers_before.account_id is not null as is_kept,
                case
                    when valued.has_price and mean_prices.fiscal_year is not null and prices.product_code is not null
                    then {{ money_product("valued.sold_units", "prices.old_price_amount") }}
                    else valued.old_rate_amount
                end as old_price_amount,
                case
                    when valued.has_price and mean_prices.fiscal_year is not null
                    then {{ money_product("valued.sold_units", "mean_prices.mean_price_amount") }}
                    else valued.old_rate_amount
                end as mean_price_amount
            from valued
            left join prices on valued.fiscal_year = prices.fiscal_year and valued.product_code = prices.product_code
            left join mean_prices on valued.fiscal_year = mean_prices.fiscal_year
            left join
                customers_before
                on valued.fiscal_year = customers_before.fiscal_year
                and valued.account_id = customers_before.account_id
        )

    select
        order_line_id,
        crm_user_id,
        split_pct,
        ordered_on,
        fiscal_year,
        team_id,
        manager_crm_user_id,
        territory_id,
        cast(side * (revenue_amount - old_rate_amount) as decimal(18, 4)) as exchange_amount,
        cast(side * (old_rate_amount - old_price_amount) as decimal(18, 4)) as price_amount,
        cast(side * (old_price_amount - mean_price_amount) as decimal(18, 4)) as mix_amount,
        cast(case when is_kept then side * mean_price_amount else 0 end as decimal(18, 4)) as retention_amount,
        cast(case when is_kept then 0 else side * mean_price_amount end as decimal(18, 4)) as volume_amount,
        cast(
            case when is_kept and not is_split then side * mean_price_amount else 0 end as decimal(18, 4)
        ) as unsplit_retention_amount,
        cast(
            case when is_kept or is_split then 0 else side * mean_price_amount end as decimal(18, 4)
        ) as unsplit_volume_amount
    from stepped
{%- endmacro %}
