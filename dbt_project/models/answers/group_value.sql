with
    readings as (select * from {{ ref("core_value_reading") }} where holder_type <> 'rep'),

    groups as (
        select 'team' as group_type, team_id as group_id, team_name as group_name
        from {{ ref("dim_team") }}
        union all
        select 'manager', manager_crm_user_id, manager_name
        from {{ ref("dim_manager") }}
        union all
        select 'territory', territory_id, territory_name
        from {{ ref("dim_territory") }}
        union all
        select 'territory_tree', territory_id, territory_name
        from {{ ref("dim_territory") }}
        union all
        select 'company', 'company', {{ text_literal(var("company_name")) }}
    ),

    missing as (select * from {{ ref("core_holder_component") }} where holder_type <> 'rep')

select
    readings.holder_type as group_type,
    readings.holder_id as group_id,
    readings.reading,
    readings.fiscal_year,
    readings.age_months,
    readings.lens,
    readings.basis,
    readings.value_measure,
    'actual' as cost_basis,
    coalesce(groups.group_name, readings.holder_id) as group_name,
    {{ value_columns() }}
from readings
left join groups on readings.holder_type = groups.group_type and readings.holder_id = groups.group_id
left join
    missing
    on readings.holder_type = missing.holder_type
    and readings.holder_id = missing.holder_id
    and readings.lens = missing.lens
    and readings.fiscal_year is not distinct from missing.fiscal_year
