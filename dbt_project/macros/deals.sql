{#-
  What became of each deal in each fiscal year, up to the as-of date: created, won or lost in it by the day that says so, or
  open on its first day. One row a deal, year and event; the pipeline holds what was open then, as last known, without what
  still is and is expected after the year. An owner who is no rep is unknown. Amounts are of the basis. Body of a CTE.
-#}
{% macro deal_events(basis) -%}
    with
        reps as (select crm_user_id from {{ ref("core_rep") }}),

        rated as (select *, {{ deal_rated_on() }} as rated_on from {{ ref("fct_opportunity") }}),

        deals as (
            select
                deals.*,
                coalesce(reps.crm_user_id, 'unknown') as crm_user_id,
                case when deals.is_closed and deals.closed_on < {{ as_of_on() }} then deals.closed_on end as ended_on,
                {{ in_one_basis("deals.opportunity_amount", "deals.reporting_amount", basis) }} as deal_amount
            from rated as deals
            left join
                reps on deals.owner_crm_user_id = reps.crm_user_id {{ join_other_bases("deals", "rated_on", [basis]) }}
        ),

        years as (
            select
                fiscal_year,
                {{ fiscal_year_start_on("fiscal_year") }} as year_start_on,
                {{ fiscal_year_end_on("fiscal_year") }} as year_end_on
            from (select distinct fiscal_year from {{ ref("core_lens_year") }}) as lens_years
        ),

        open_then as (
            select years.fiscal_year, deals.opportunity_id, deals.crm_user_id, deals.account_id, deals.deal_amount
            from deals
            inner join
                years
                on deals.created_on < years.year_start_on
                and years.year_start_on < {{ as_of_on() }}
                and (deals.ended_on is null or deals.ended_on >= years.year_start_on)
                and (deals.is_closed or deals.closed_on is null or deals.closed_on < years.year_end_on)
        ),

        events as (
            select
                opportunity_id,
                crm_user_id,
                account_id,
                {{ fiscal_year("created_on") }} as fiscal_year,
                1 as created,
                0 as won,
                0 as lost,
                cast(0 as decimal(18, 4)) as won_amount,
                cast(0 as decimal(18, 4)) as lost_amount,
                0 as dated_wins,
                0 as cycle_days,
                cast(0 as decimal(18, 4)) as pipeline_amount,
                deal_amount
            from deals
            where created_on < {{ as_of_on() }}
            union all
            select
                opportunity_id,
                crm_user_id,
                account_id,
                {{ fiscal_year("ended_on") }},
                0,
                case when is_won then 1 else 0 end,
                case when is_won then 0 else 1 end,
                case when is_won then coalesce(deal_amount, 0) else 0 end,
                case when is_won then 0 else coalesce(deal_amount, 0) end,
                case when is_won and created_on <= ended_on then 1 else 0 end,
                case
                    when is_won and created_on <= ended_on
                    then {{ dbt.datediff("created_on", "ended_on", "day") }}
                    else 0
                end,
                0,
                deal_amount
            from deals
            where ended_on is not null
            union all
            select
                opportunity_id,
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
                coalesce(deal_amount, 0),
                deal_amount
            from open_then
        )

    select *
    from events
{%- endmacro %}

{#- The day whose rate a deal takes: when it was closed, or is to be. -#}
{% macro deal_rated_on() -%} coalesce(closed_on, created_on, {{ as_of_on() }}) {%- endmacro %}

{#-
  Rows of deals or lines with the groups and the region of their owner on the fiscal year's last day, and the account's
  industry and acquisition method. Body of a CTE. relation: has crm_user_id, account_id and fiscal_year.
-#}
{% macro placed_at_year_end(relation) -%}
    select
        placed.*,
        coalesce(groups.team_id, 'unknown') as team_id,
        coalesce(groups.manager_crm_user_id, 'unknown') as manager_crm_user_id,
        coalesce(groups.territory_id, 'unknown') as territory_id,
        coalesce(territories.territory_name, customers.region, 'unknown') as region,
        coalesce(customers.industry, 'unknown') as industry,
        coalesce(customers.acquisition_method, 'unknown') as acquisition_method
    from {{ relation }} as placed
    inner join
        {{ ref("core_lens_year") }} as lens_years
        on placed.fiscal_year = lens_years.fiscal_year
        and lens_years.lens = 'as_was'
    left join
        {{ ref("core_rep_group") }} as groups
        on placed.crm_user_id = groups.crm_user_id
        and lens_years.read_on = groups.day_on
    left join {{ ref("core_account") }} as customers on placed.account_id = customers.account_id
    left join {{ last_known("territory") }} as territories on groups.territory_id = territories.territory_id
{%- endmacro %}

{#- The cuts of the funnel of deals, and the column that names the member of each. -#}
{% macro funnel_cuts() -%}
    {%- set cuts = {} -%}
    {%- do cuts.update(holders()) -%}
    {%- for type in segment_types() %} {%- do cuts.update({type: type}) -%} {%- endfor -%}
    {% do return(cuts) %}
{%- endmacro %}
