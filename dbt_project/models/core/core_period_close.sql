-- Months that are closed now: the last word on each, if it was said by the as-of date.
select month_on, closed_on, closed_by
from {{ latest("period_close") }}
where is_closed and closed_on <= {{ as_of_on() }}
