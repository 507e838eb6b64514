-- What was spent on winning customers beside the reps, in reporting money, with the method that it was spent on.
with
    spend as (select * from {{ latest("marketing_spend") }}),

    campaigns as (select campaign_id, acquisition_method from {{ last_known("campaign") }}),

    rates as (select * from {{ ref("core_fx_day") }}),

    costed as (
        select
            spend.marketing_spend_id,
            coalesce(spend.acquisition_method, campaigns.acquisition_method, 'unknown') as acquisition_method,
            spend.month_on,
            spend.month_on as from_on,
            {{ add_months(month_on("spend.month_on"), 1) }} as to_on,
            spend.spend_amount as spend_local_amount,
            spend.currency,
            rates.fx_rate_id,
            {{ money_product("spend.spend_amount", "rates.fx_rate") }} as spend_amount,
            {{ other_bases("spend.spend_amount", "rates.fx_rate", "spend_amount") }}
            spend._file,
            spend._line
        from spend
        left join campaigns on spend.campaign_id = campaigns.campaign_id
        left join
            rates on spend.currency = rates.currency and {{ rate_day("spend.month_on") }} = rates.day_on
            {{ join_other_bases("spend", "month_on") }}
    ),

    divided as ({{ divided_by_parts("costed", ["spend_local_amount"] + in_bases(["spend_amount"])) }})

select *, {{ fiscal_year("month_on") }} as fiscal_year
from divided
