-- What contracts move out of the year in which they were sold, and into the years of their term, by account. What moves
-- nothing is left out when all is added up: asked of each piece, it would be worked out twice.
with
    shifts as ({{ term_shifts(with_unmoved=true) }}),

    lines as (select order_line_id, account_id from {{ ref("core_order_line") }})

select lines.account_id, shifts.fiscal_year, {{ summed_in_bases("revenue_amount", "shifts") }}
from shifts
inner join lines on shifts.order_line_id = lines.order_line_id
group by 1, 2
having
    {% for basis in var("bases") %}
        {% if not loop.first %} or {% endif %}
        count(case when shifts.{{ based("revenue_amount", basis) }} <> 0 then 1 end) > 0
    {% endfor %}
