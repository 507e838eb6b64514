-- Pay as earned, which every other answer counts, beside pay as paid. What was earned in a year and paid in another is
-- in the unpaid of the one and the earned elsewhere of the other. What is for months to come is paid, not yet earned.
with
    items as (
        select
            *,
            month_on < {{ as_of_on() }} as is_earned,
            fiscal_year is distinct from paid_fiscal_year or month_on >= {{ as_of_on() }} as is_elsewhere
        from {{ ref("core_cost_line") }}
        where crm_user_id is not null and component <> 'expenses'
    ),

    sides as (
        select
            crm_user_id,
            component,
            currency,
            fiscal_year,
            cost_amount as earned_amount,
            cost_local_amount as earned_local_amount,
            case when is_elsewhere then cost_amount end as unpaid_amount,
            case when is_elsewhere then cost_local_amount end as unpaid_local_amount,
            cast(null as decimal(18, 4)) as earned_before_amount,
            cast(null as decimal(18, 4)) as earned_before_local_amount,
            cast(null as decimal(18, 4)) as paid_amount,
            cast(null as decimal(18, 4)) as paid_local_amount
        from items
        where is_earned
        union all
        select
            crm_user_id,
            component,
            currency,
            paid_fiscal_year,
            null,
            null,
            null,
            null,
            case when is_elsewhere then cost_amount end,
            case when is_elsewhere then cost_local_amount end,
            cost_amount,
            cost_local_amount
        from items
        where paid_fiscal_year is not null
    )

select
    crm_user_id,
    component,
    currency,
    fiscal_year
    {% for amount in ["earned", "unpaid", "earned_before", "paid"] %}
        ,
        {{ sum_amount(amount ~ "_amount") }} as {{ amount }}_amount,
        {{ sum_amount(amount ~ "_local_amount") }} as {{ amount }}_local_amount
    {% endfor %}
from sides
group by 1, 2, 3, 4
