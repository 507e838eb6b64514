with
    seats as (select * from {{ ref("prep_adventureworks__sales_territory_history") }}),

    assignments as (
        select
            cast(territoryid as varchar) as territory_id,
            cast(businessentityid as varchar) as crm_user_id,
            startdate as assigned_from_on,
            -- EndDate is the last day: two reps swap seats on 2012-11-30, and the seats they leave end on the 29th.
            {{ add_days("enddate", 1) }} as assigned_to_on,
            _source,
            _extract_date,
            _file,
            _line
        from seats
    )

select
    assignments.*,
    {{ absent_columns("territory_assignment", ["created_by", "modified_by", "effective_on", "updated_at", "is_deleted"]) }}
from assignments
