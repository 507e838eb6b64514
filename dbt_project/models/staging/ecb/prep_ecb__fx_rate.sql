-- A file a day of the whole history since 1999 would be seven thousand days a day; of those, one is new.
with
    delivered as (select * from {{ raw_rows("ecb", "fx_rate") }} as delivered),

    compared as (
        select
            delivered.*,
            {{ ecb_said() }} as said,
            lag({{ ecb_said() }}) over (
                partition by _source, "Date" order by _extract_date, _file, _line
            ) as said_before
        from delivered
    )

select *
from compared
where said_before is null or said <> said_before
