-- Who was a rep on every day of a fiscal year that is over and of the one before, and on none of them on long leave: a
-- fair comparison is theirs.
with years as (select distinct fiscal_year from {{ ref("core_sale_day") }})

select distinct years.fiscal_year, employments.crm_user_id
from years
inner join
    {{ ref("core_rep_employment") }} as employments
    on employments.hired_on <= {{ fiscal_year_start_on("years.fiscal_year - 1") }}
    and employments.left_on >= {{ fiscal_year_end_on("years.fiscal_year") }}
where
    {{ fiscal_year_end_on("years.fiscal_year") }} <= {{ as_of_on() }}
    and not exists (
        select 1
        from {{ ref("core_absence") }} as days
        where
            days.crm_user_id = employments.crm_user_id
            and days.away_pct > 0
            and days.day_on >= {{ fiscal_year_start_on("years.fiscal_year - 1") }}
            and days.day_on < {{ fiscal_year_end_on("years.fiscal_year") }}
    )
