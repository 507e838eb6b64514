-- Every segment that can have a figure, with the sides of a pair: the names of its cuts in each combination.
with
    customers as (select * from {{ ref("core_customer") }}),

    sides as (
        select 'region' as side, territory_name as name
        from {{ last_known("territory") }}
        where territory_name is not null
        union
        select 'region', region
        from customers
        where region is not null
        union
        select 'industry', industry
        from customers
        union
        select 'acquisition_method', acquisition_method
        from customers
        union
        select 'acquisition_method', acquisition_method
        from {{ ref("core_marketing_line") }}
        {% for side in segment_types() %}
            union
            select '{{ side }}', 'unknown'
        {% endfor %}
    ),

    segments as (
        {% for type, cuts in segment_cuts().items() %}
            select
                '{{ type }}' as segment_type,
                {{ segment_name(["first_sides.name", "second_sides.name"][: cuts | length]) }} as segment,
                first_sides.name as first_segment,
                {{ "second_sides.name" if cuts | length > 1 else "cast(null as varchar)" }} as second_segment
            from sides as first_sides
            {% if cuts | length > 1 %}
                inner join sides as second_sides on second_sides.side = '{{ cuts[1] }}'
            {% endif %}
            where first_sides.side = '{{ cuts[0] }}'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select segment_type, segment, min(first_segment) as first_segment, min(second_segment) as second_segment
from segments
group by 1, 2
