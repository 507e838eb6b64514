-- Who shares the lines that a split divides; all others are their own rep's.
select
    order_line_id,
    ordered_on,
    crm_user_id,
    split_pct,
    revenue_amount,
    gross_margin_amount {{ told_in_other_bases(values_of_sale()) }}
from {{ ref("core_revenue_share") }}
where split_pct is not null
