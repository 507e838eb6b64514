-- Which parts of a rep's full cost the sources deliver, a fiscal year at a time: a part that nobody
-- delivered is missing, not zero.
{% set components = ["base", "commission", "bonus", "taxes", "benefits", "expenses"] %}
with
    costs as (select * from {{ ref("core_cost_line") }} where crm_user_id <> 'unknown' and month_on < {{ as_of_on() }}),

    years as (
        select
            fiscal_year
            {% for component in components %}
                , max(case when component = '{{ component }}' then 1 else 0 end) as has_{{ component }}
            {% endfor %}
        from costs
        group by fiscal_year
    ),

    career as (
        select
            cast(null as integer) as fiscal_year
            {% for component in components %}, coalesce(min(has_{{ component }}), 0) as has_{{ component }}{% endfor %}
        from years
        having count(*) > 0
    )

select
    fiscal_year,
    true as has_cost,
    nullif(
        concat_ws(
            ', '
            {% for component in components %}, case when has_{{ component }} = 0 then '{{ component }}' end{% endfor %}
        ),
        ''
    ) as cost_components_missing
from
    (
        select *
        from years
        union all
        select *
        from career
    ) as spans
