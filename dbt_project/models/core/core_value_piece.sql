-- The value behind every ratio, once, at the finest grain that any group needs: answers only add these up.
with
    lens_years as (select * from {{ ref("core_lens_year") }}),

    groups as (select * from {{ ref("core_rep_group") }}),

    acquisitions as (select * from {{ ref("core_acquisition") }}),

    customers as (select * from {{ ref("core_customer_ltv") }}),

    owners as (select * from {{ ref("core_account_owner") }}),

    sold as (
        select
            'as_sold' as lens,
            'year' as reading,
            fiscal_year,
            cast(null as integer) as age_months,
            crm_user_id,
            day_on,
            {{ sale_values() }},
            0 as customers_acquired,
            0 as left_censored_customers,
            cast(null as date) as acquired_on
        from {{ ref("core_sale_day") }}
        union all
        select lens, 'year', fiscal_year, null, crm_user_id, read_on, {{ sale_values() }}, 0, 0, null
        from {{ ref("core_owned_sale") }}
        where fiscal_year is not null
    ),

    -- Who won a customer is fixed for ever: a lens moves the winner's groups alone.
    won as (
        select
            lens_years.lens,
            'cohort',
            acquisitions.fiscal_year,
            customers.age_months,
            acquisitions.acquiring_crm_user_id,
            coalesce(lens_years.read_on, acquisitions.acquired_on),
            {{ sale_values("customers") }},
            1,
            case when acquisitions.acquisition_basis = 'left_censored' then 1 else 0 end,
            acquisitions.acquired_on
        from customers
        inner join acquisitions on customers.account_id = acquisitions.account_id
        inner join lens_years on acquisitions.fiscal_year = lens_years.fiscal_year
    ),

    -- Many times the book: it is divided once, of the sum.
    held as (select account_id, fiscal_year, {{ realised_values() }} from {{ ref("core_account_book") }}),

    books as (
        select
            'as_sold',
            'book',
            {{ fiscal_year("month_on") }},
            cast(null as integer),
            owner_crm_user_id,
            last_day_on,
            {{ realised_values() }},
            0,
            0,
            cast(null as date)
        from {{ ref("core_book") }}
        where is_over
        union all
        select
            lens_years.lens,
            'book',
            held.fiscal_year,
            null,
            coalesce(owners.crm_user_id, 'unknown'),
            lens_years.read_on,
            {{ realised_values("held") }},
            0,
            0,
            null
        from held
        inner join lens_years on held.fiscal_year = lens_years.fiscal_year and lens_years.read_on is not null
        left join owners on {{ is_owner_on("held", "lens_years.read_on") }}
    ),

    pieces as (
        select *
        from sold
        union all
        select *
        from won
        union all
        select *
        from books
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
            {{ sale_values("pieces") }},
            pieces.customers_acquired,
            pieces.left_censored_customers,
            pieces.acquired_on
            {% if declared_amount() %}, {{ no_declared_amounts() }} {% endif %}
        from pieces
        inner join groups on pieces.crm_user_id = groups.crm_user_id and pieces.day_on = groups.day_on
        {% if declared_amount() %}
            union all
            select
                lens,
                reading,
                fiscal_year,
                age_months,
                crm_user_id,
                team_id,
                manager_crm_user_id,
                territory_id,
                {% for _ in in_bases(values_of_sale()) %} cast(0 as decimal(18, 4)), {% endfor %}
                0,
                0,
                null,
                {{ declared_amounts() }}
            from ({{ declared_rows() }}) as declared
        {% endif %}
    )

select
    lens,
    reading,
    fiscal_year,
    age_months,
    crm_user_id,
    team_id,
    manager_crm_user_id,
    territory_id,
    {{ summed_sale_values() }},
    sum(customers_acquired) as customers_acquired,
    sum(left_censored_customers) as left_censored_customers,
    max(acquired_on) as last_acquired_on
    {% if declared_amount() %}, {{ summed_declared_amounts() }} {% endif %}
from placed
group by 1, 2, 3, 4, 5, 6, 7, 8
