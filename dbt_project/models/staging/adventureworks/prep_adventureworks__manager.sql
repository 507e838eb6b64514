-- A hierarchyid is a string of bits: each place in the organisation begins with all the bits of the place above it, and
-- ends in a 1 that zeros follow to fill the last byte. So the manager sits one level up, where this place begins.
with
    employees as (select * from {{ ref("prep_adventureworks__employee") }}),

    places as (
        select
            businessentityid,
            organizationlevel,
            rtrim(coalesce(cast(cast(unhex(organizationnode) as bit) as varchar), ''), '0') as place,
            _source,
            _extract_date
        from employees
    ),

    managers as (
        select
            cast(places.businessentityid as varchar) as employee_number,
            cast(above.businessentityid as varchar) as manager_employee_number,
            places._source,
            places._extract_date
        from places
        inner join
            places as above
            on {{ same_extract("places", "above") }}
            and places.organizationlevel = above.organizationlevel + 1
            and left(places.place, length(above.place)) = above.place
    )

select *
from managers
