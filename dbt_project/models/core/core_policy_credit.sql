{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_credit_change', 'month_on') }}",
    )
}}
-- What each policy credits each rep with, month by month, up to the as-of date: the same events four times.
with
    events as (
        select *
        from ({{ credit_events("core_credit_change", var("bases")) }}) as told
        where credited_on < {{ as_of_on() }}
    ),

    credit as (
        {% for policy in credit_policies() %}
            select '{{ policy }}' as policy, crm_user_id, credited_on, {{ in_bases(["credited_amount"]) | join(", ") }}
            from ({{ credited(policy, "events", "core_credit_change", var("bases")) }}) as credited_{{ policy }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    {{ month_on("credited_on") }} as month_on,
    {{ fiscal_year("credited_on") }} as fiscal_year,
    policy,
    crm_user_id,
    {{ summed_in_bases("credited_amount") }}
from credit
group by 1, 2, 3, 4
