-- Which order line is in which reading of whose value: core_value_piece, line by line. A line stands in a book once
-- for each month's end, under a calendar once for each day of the months.
with
    lines as (select * from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }}),

    lens_years as (select * from {{ ref("core_lens_year") }}),

    read_years as (select * from lens_years where read_on is not null),

    groups as (select * from {{ ref("core_rep_group") }}),

    owners as (select * from {{ ref("core_account_owner") }}),

    customers as (select account_id, industry, acquisition_method, region from {{ ref("core_customer") }}),

    won_regions as (
        select account_id, lens, segment as region from {{ ref("core_customer_segment") }} where segment_type = 'region'
    ),

    territories as (select territory_id, territory_name from {{ last_known("territory") }}),

    ages as (
        {% for age in cohort_ages() %}
            select cast({{ age }} as integer) as age_months
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- A customer at each age, so that the lines are looked for by customer alone.
    aged as (
        select
            acquisitions.*,
            ages.age_months,
            case
                when ages.age_months is null
                then {{ as_of_on() }}
                else {{ add_months("acquisitions.acquired_on", "ages.age_months") }}
            end as counted_to_on
        from {{ ref("core_acquisition") }} as acquisitions
        cross join ages
    ),

    sold as (
        select
            'as_sold' as lens,
            'year' as reading,
            lines.fiscal_year,
            cast(null as integer) as age_months,
            shares.crm_user_id,
            lines.ordered_on as day_on,
            lines.account_id,
            lines.order_line_id,
            lines.territory_id as order_territory_id,
            shares.split_pct,
            {{ sale_values("shares") }}
        from {{ ref("core_revenue_share") }} as shares
        inner join lines on shares.order_line_id = lines.order_line_id
    ),

    owned as (
        select
            read_years.lens,
            'year',
            lines.fiscal_year,
            null,
            coalesce(owners.crm_user_id, 'unknown'),
            read_years.read_on,
            lines.account_id,
            lines.order_line_id,
            null,
            null,
            {{ sale_values("lines") }}
        from lines
        inner join read_years on lines.fiscal_year = read_years.fiscal_year
        left join owners on {{ is_owner_on("lines", "read_years.read_on") }}
        where lines.revenue_amount is not null
    ),

    won as (
        select
            lens_years.lens,
            'cohort',
            aged.fiscal_year,
            aged.age_months,
            aged.acquiring_crm_user_id,
            coalesce(lens_years.read_on, aged.acquired_on),
            lines.account_id,
            lines.order_line_id,
            null,
            null,
            {{ sale_values("lines") }}
        from aged
        inner join lens_years on aged.fiscal_year = lens_years.fiscal_year
        inner join lines on aged.account_id = lines.account_id and lines.ordered_on < aged.counted_to_on
    ),

    pieces as (
        select *
        from sold
        union all
        select *
        from owned
        union all
        select *
        from won
    ),

    placed as (
        select
            pieces.lens,
            pieces.reading,
            pieces.fiscal_year,
            pieces.age_months,
            pieces.crm_user_id,
            groups.team_id,
            groups.manager_crm_user_id,
            groups.territory_id,
            case
                when pieces.reading = 'cohort'
                then won_regions.region
                else coalesce(territories.territory_name, customers.region, 'unknown')
            end as region,
            customers.industry,
            customers.acquisition_method,
            pieces.account_id,
            pieces.order_line_id,
            pieces.split_pct,
            1 as times,
            {{ sale_values("pieces") }}
        from pieces
        inner join groups on pieces.crm_user_id = groups.crm_user_id and pieces.day_on = groups.day_on
        inner join customers on pieces.account_id = customers.account_id
        left join
            won_regions
            on {{ key_where("pieces.reading = 'cohort'", "pieces.account_id") }} = won_regions.account_id
            and pieces.lens = won_regions.lens
        left join
            territories
            on territories.territory_id
            = case when pieces.lens = 'as_sold' then pieces.order_territory_id else groups.territory_id end
    ),

    -- Who held an account at each month's end that is over.
    held_months as (
        select
            lens_years.lens,
            lens_years.fiscal_year,
            {{ fiscal_year_start_on("lens_years.fiscal_year") }} as year_start_on,
            groups.crm_user_id,
            groups.team_id,
            groups.manager_crm_user_id,
            groups.territory_id,
            months.account_id,
            months.last_day_on,
            {{ book_weight("months") }} as times
        from {{ ref("core_customer_month") }} as months
        inner join lens_years on {{ fiscal_year("months.month_on") }} = lens_years.fiscal_year
        left join owners on {{ is_owner_on("months", "lens_years.read_on") }}
        inner join
            groups
            on coalesce(lens_years.read_on, months.last_day_on) = groups.day_on
            and case
                when lens_years.read_on is null
                then months.owner_crm_user_id
                else coalesce(owners.crm_user_id, 'unknown')
            end
            = groups.crm_user_id
        where months.is_over
    ),

    held_years as (
        select
            lens,
            fiscal_year,
            year_start_on,
            crm_user_id,
            team_id,
            manager_crm_user_id,
            territory_id,
            account_id,
            cast(sum(times) as integer) as times
        from held_months
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ),

    -- A line of an earlier year stands in each of them, one of the year in those from its month on.
    held as (
        select held_years.*, lines.order_line_id, {{ sale_values("lines") }}
        from held_years
        inner join lines on held_years.account_id = lines.account_id and lines.ordered_on < held_years.year_start_on
        union all
        select
            held_months.lens,
            held_months.fiscal_year,
            held_months.year_start_on,
            held_months.crm_user_id,
            held_months.team_id,
            held_months.manager_crm_user_id,
            held_months.territory_id,
            held_months.account_id,
            held_months.times,
            lines.order_line_id,
            {{ sale_values("lines") }}
        from held_months
        inner join
            lines
            on held_months.account_id = lines.account_id
            and held_months.fiscal_year = lines.fiscal_year
            and lines.ordered_on <= held_months.last_day_on
    )

select *
from placed
union all
select
    lens,
    'book',
    fiscal_year,
    null,
    crm_user_id,
    team_id,
    manager_crm_user_id,
    territory_id,
    null,
    null,
    null,
    account_id,
    order_line_id,
    null,
    times
    {%- for column in in_bases(values_of_sale()) %}, cast(times * {{ column }} as decimal(18, 4)){% endfor %}
from held
