-- Which lines each policy credits to whom: a line, its refunds and its write-offs, each on its own day.
with events as (select * from ({{ credit_events(bases=var("bases")) }}) as told where credited_on < {{ as_of_on() }})

{% for policy in credit_policies() %}
    select
        '{{ policy }}' as policy,
        crm_user_id,
        {{ fiscal_year("credited_on") }} as fiscal_year,
        order_line_id,
        {{ in_bases(["credited_amount"]) | join(", ") }}
    from ({{ credited(policy, "events", bases=var("bases")) }}) as credited_{{ policy }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
