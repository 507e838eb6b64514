-- What was sold in a period to the accounts that a rep owned at its end (as_was), or owns now (as_is), whoever sold it.
with
    periods as (
        select distinct period_start_on, period_end_on, fiscal_year, last_day_on from {{ ref("core_period_day") }}
    ),

    stretches as (select distinct period_start_on, period_end_on, stretch_from_on from {{ ref("core_period_day") }}),

    bought as (
        select sales.account_id, stretches.period_start_on, stretches.period_end_on, {{ summed_sale_values("sales") }}
        from {{ ref("core_account_stretch") }} as sales
        inner join stretches on sales.stretch_from_on = stretches.stretch_from_on
        group by 1, 2, 3
    ),

    reads as (
        select 'as_was' as lens, periods.*, last_day_on as read_on
        from periods
        union all
        select 'as_is', periods.*, {{ add_days(as_of_on(), -1) }}
        from periods
    ),

    owners as (select * from {{ ref("core_account_owner") }}),

    customers as (select account_id, region from {{ ref("core_customer") }})

select
    reads.lens,
    reads.period_start_on,
    reads.period_end_on,
    reads.fiscal_year,
    reads.read_on,
    coalesce(owners.crm_user_id, 'unknown') as crm_user_id,
    customers.region,
    {{ summed_sale_values("bought") }}
from bought
inner join reads on bought.period_start_on = reads.period_start_on and bought.period_end_on = reads.period_end_on
inner join customers on bought.account_id = customers.account_id
left join owners on {{ is_owner_on("bought", "reads.read_on") }}
group by 1, 2, 3, 4, 5, 6, 7
