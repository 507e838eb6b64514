-- A hierarchyid is a string of bits in which each place in the organisation begins with all the bits of the place
-- above and ends in a 1;
-- zeros fill the last byte. So the manager is whoever sits one level up at a place that this one begins with.
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
