-- The value behind every ratio, once, at the finest grain that any group needs: answers only add these up.
with
    sales as (select * from {{ ref("core_sale_day") }}),

    groups as (select * from {{ ref("core_rep_group") }}),

    acquisitions as (select * from {{ ref("core_acquisition") }}),

    months as (select * from {{ ref("core_customer_month") }} where is_over),

    customers as (select * from {{ ref("core_customer_ltv") }}),

    sold as (
        select
            'year' as reading,
            fiscal_year,
            cast(null as integer) as age_months,
            crm_user_id,
            day_on,
            revenue_amount,
            gross_margin_amount,
            0 as customers_acquired,
            0 as left_censored_customers,
            cast(null as date) as acquired_on
        from sales
    ),

    won as (
        select
            'cohort',
            acquisitions.fiscal_year,
            customers.age_months,
            acquisitions.acquiring_crm_user_id,
            acquisitions.acquired_on,
            customers.revenue_amount,
            customers.gross_margin_amount,
            1,
            case when acquisitions.acquisition_basis = 'left_censored' then 1 else 0 end,
            acquisitions.acquired_on
        from customers
        inner join acquisitions on customers.account_id = acquisitions.account_id
    ),

    -- Twelve times the book: the twelfth is taken once, of the sum.
    held as (
        select
            'book',
            {{ fiscal_year("month_on") }},
            cast(null as integer),
            owner_crm_user_id,
            last_day_on,
            realised_ltv_amount,
            realised_margin_amount,
            0,
            0,
            cast(null as date)
        from months
    ),

    pieces as (
        select *
        from sold
        union all
        select *
        from won
        union all
        select *
        from held
    )

select
    pieces.reading,
    pieces.fiscal_year,
    pieces.age_months,
    pieces.crm_user_id,
    groups.team_id,
    groups.manager_crm_user_id,
    groups.territory_id,
    {{ sum_amount("pieces.revenue_amount") }} as revenue_amount,
    {{ sum_if_all_known("pieces.gross_margin_amount") }} as gross_margin_amount,
    sum(pieces.customers_acquired) as customers_acquired,
    sum(pieces.left_censored_customers) as left_censored_customers,
    max(pieces.acquired_on) as last_acquired_on
from pieces
inner join groups on pieces.crm_user_id = groups.crm_user_id and pieces.day_on = groups.day_on
group by 1, 2, 3, 4, 5, 6, 7
