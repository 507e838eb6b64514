{{ config(pre_hook="{{ keep_before() }}") }}
-- At which rate the constant basis turns each currency in all years: the budget's, else that of one day.
with
    days as (
        select currency, fx_rate_id, fx_rate, cast(null as varchar) as told_by
        from {{ ref("core_fx_day") }}
        where day_on = {{ rate_day("cast('" ~ var("constant_currency_on") ~ "' as date)") }}
    ),

    budget as (
        {% for currency, rate in var("budget_rates").items() %}
            select '{{ currency }}' as currency, cast('{{ rate }}' as decimal(24, 12)) as fx_rate
            {% if not loop.last %}
                union all
            {% endif %}
        {% else %}select cast(null as varchar) as currency, cast(null as decimal(24, 12)) as fx_rate where false
        {% endfor %}
    )

select days.currency, days.fx_rate_id, days.fx_rate, days.told_by
from days
left join budget on days.currency = budget.currency
where budget.currency is null
union all
select currency, 'budget-' || currency, fx_rate, 'budget_rates in company.toml'
from budget
