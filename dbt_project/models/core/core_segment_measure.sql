-- What each segment brought in the amount that the company declares as its measure, as sold: in a year by the order's
-- region and the account's industry and method; of the cohort to date by the segments in which its customers were won.
with
    parts as (select * from {{ ref("core_measure_part") }}),

    customers as (select * from {{ ref("core_customer") }}),

    territories as (select territory_id, territory_name from {{ last_known("territory") }}),

    won as (select * from {{ ref("core_customer_segment") }} where lens = 'as_sold'),

    placed as (
        select
            coalesce(territories.territory_name, customers.region, 'unknown') as region,
            coalesce(customers.industry, 'unknown') as industry,
            coalesce(customers.acquisition_method, 'unknown') as acquisition_method,
            parts.fiscal_year,
            {{ declared_amounts("parts") }}
        from parts
        left join customers on parts.account_id = customers.account_id
        left join territories on parts.order_territory_id = territories.territory_id
    ),

    cut as (
        {% for type, sides in segment_cuts().items() %}
            select
                '{{ type }}' as segment_type,
                {{ segment_name(sides) }} as segment,
                'year' as reading,
                fiscal_year,
                {{ declared_amounts() }}
            from placed
            union all
            -- A payment of no known line has no customer.
            select
                '{{ type }}',
                {{ segment_name(["'unknown'"] * (sides | length)) }},
                'cohort',
                fiscal_year,
                {{ declared_amounts() }}
            from parts
            where account_id is null
            union all
        {% endfor %}
        select won.segment_type, won.segment, 'cohort', won.fiscal_year, {{ declared_amounts("parts") }}
        from parts
        inner join won on parts.account_id = won.account_id
    )

select segment_type, segment, reading, fiscal_year, {{ summed_declared_amounts() }}
from cut
group by 1, 2, 3, 4
