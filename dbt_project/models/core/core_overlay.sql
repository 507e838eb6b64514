-- Who stands beside the sellers of a line, and with how much of it: the overlay splits of its deal on the line's date.
-- Outside the 100 %: it takes nothing from those who share the line.
with
    lines as (select order_line_id, opportunity_id, ordered_on from {{ ref("core_order_line") }}),

    {{ deal_splits("overlay") }}

select lines.order_line_id, splits.crm_user_id, sum(splits.split_pct) as overlay_pct
from lines
inner join
    splits
    on lines.opportunity_id = splits.opportunity_id
    and lines.ordered_on >= splits.valid_from_on
    and lines.ordered_on < splits.valid_to_on
group by 1, 2
