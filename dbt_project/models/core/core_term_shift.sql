-- What contracts move out of the year in which they were sold, and into the years of their term, by account.
with shifts as ({{ term_shifts() }}), lines as (select order_line_id, account_id from {{ ref("core_order_line") }})

select lines.account_id, shifts.fiscal_year, {{ summed_in_bases("revenue_amount", "shifts") }}
from shifts
inner join lines on shifts.order_line_id = lines.order_line_id
group by 1, 2
