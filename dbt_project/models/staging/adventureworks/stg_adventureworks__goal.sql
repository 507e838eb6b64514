-- Nothing follows the last quotas, of 2014-03-01, that would end them: they get the three months that the others have.
{% set last_period_end_on = "cast('2014-06-01' as date)" %}

with
    quotas as (select * from {{ ref("prep_adventureworks__sales_person_quota_history") }}),

    goals as (
        select
            cast(businessentityid as varchar) || '-' || cast(quotadate as varchar) as goal_id,
            cast(1 as bigint) as goal_version,
            'rep' as owner_type,
            cast(businessentityid as varchar) as owner_id,
            'revenue' as metric,
            quotadate as period_start_on,
            coalesce(
                lead(quotadate) over (partition by _source, _extract_date, businessentityid order by quotadate),
                {{ last_period_end_on }}
            ) as period_end_on,
            salesquota as target_amount,
            modifieddate as set_on,
            _source,
            _extract_date,
            _file,
            _line
        from quotas
    )

select
    goals.*,
    {{
        absent_columns(
            "goal",
            [
                "ramp_pct", "approved_by", "acknowledged_on", "reason", "created_by", "modified_by", "effective_on",
                "updated_at", "is_deleted",
            ],
        )
    }}
from goals
