-- Empty while it is built: what was published before is seen when a night is published, and then this is filled.
select
    cast(null as varchar) as table_name,
    cast(null as varchar) as row_key,
    cast(null as varchar) as column_name,
    cast(null as varchar) as cause,
    cast(null as varchar) as from_publication,
    cast(null as varchar) as to_publication,
    cast(null as decimal(18, 4)) as change_amount,
    cast(null as decimal(18, 4)) as closed_change_amount
where false
