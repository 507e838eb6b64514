-- In which role a fiscal year of a rep is judged, and whether it has a ratio of its own. A tenure year is judged by the
-- same macros, at its own end.
with
    reps as (select * from {{ ref("core_rep") }}),

    ends as (
        select distinct
            years.holder_id as crm_user_id,
            years.fiscal_year,
            least(
                {{ add_days(fiscal_year_end_on("years.fiscal_year"), -1) }}, {{ add_days(as_of_on(), -1) }}
            ) as last_day_on
        from {{ ref("core_value_reading") }} as years
        inner join reps on years.holder_id = reps.crm_user_id
        where years.holder_type = 'rep' and years.reading = 'year'
    ),

    roles as ({{ roles_at_end("ends", "fiscal_year") }}),

    years as (select roles.*, {{ bears_no_credit("roles.rep_role") }} as bears_no_credit from roles),

    -- A career is judged by its last year, unless an earlier one bore credit.
    judged as (
        select
            *,
            min(case when bears_no_credit then 1 else 0 end) over (partition by crm_user_id) as never_bears_credit,
            row_number() over (partition by crm_user_id order by fiscal_year desc) as place
        from years
    ),

    rows_of_reps as (
        select crm_user_id, fiscal_year, read_on, rep_role, bears_no_credit
        from years
        union all
        select crm_user_id, cast(null as integer), read_on, rep_role, never_bears_credit = 1
        from judged
        where place = 1
    )

select
    rows_of_reps.crm_user_id,
    rows_of_reps.fiscal_year,
    rows_of_reps.read_on,
    rows_of_reps.rep_role,
    rows_of_reps.bears_no_credit,
    {{ ratio_withheld_reason("rows_of_reps.bears_no_credit", "rows_of_reps.rep_role", "reps") }}
    as ratio_withheld_reason
from rows_of_reps
inner join reps on rows_of_reps.crm_user_id = reps.crm_user_id
