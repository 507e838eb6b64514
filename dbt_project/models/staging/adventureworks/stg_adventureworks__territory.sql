with
    source_territories as (select * from {{ ref("prep_adventureworks__sales_territory") }}),

    territories as (
        select
            cast(territoryid as varchar) as territory_id,
            name as territory_name,
            "Group" as region,
            countryregioncode as country_code,
            _source,
            _extract_date,
            _file,
            _line
        from source_territories
    )

select
    territories.*,
    {{
        absent_columns(
            "territory",
            ["parent_territory_id", "created_by", "modified_by", "effective_on", "updated_at", "is_deleted"],
        )
    }}
from territories
