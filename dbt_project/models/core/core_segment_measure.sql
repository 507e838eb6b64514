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
            -- Who was not won before the as-of date, or is not known, is in no segment that is known.
            select
                '{{ type }}',
                coalesce(won.segment, {{ segment_name(["'unknown'"] * (sides | length)) }}),
                'cohort',
                coalesce(won.fiscal_year, parts.fiscal_year),
                {{ declared_amounts("parts") }}
            from parts
            left join (select * from won where segment_type = '{{ type }}') as won on parts.account_id = won.account_id
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select segment_type, segment, reading, fiscal_year, {{ summed_declared_amounts() }}
from cut
group by 1, 2, 3, 4
