-- What each holder brought, a reading at a time: the numerator of every ratio. A career is every cohort to date.
with
    pieces as (select * from {{ ref("core_value_piece") }}),

    held_pieces as ({{ held_by_each("pieces") }}),

    year_values as (
        select
            holder_type,
            holder_id,
            lens,
            reading,
            fiscal_year,
            age_months,
            {{ summed_sale_values() }},
            sum(customers_acquired) as customers_acquired,
            sum(left_censored_customers) as left_censored_customers,
            max(last_acquired_on) as last_acquired_on
            {% if declared_amount() %}, {{ summed_declared_amounts() }} {% endif %}
        from held_pieces
        group by 1, 2, 3, 4, 5, 6
    ),

    all_values as (
        select *
        from year_values
        union all
        select
            'territory_tree',
            tree.tree_territory_id,
            pieces.lens,
            pieces.reading,
            pieces.fiscal_year,
            pieces.age_months,
            {{ summed_sale_values("pieces") }},
            sum(pieces.customers_acquired),
            sum(pieces.left_censored_customers),
            max(pieces.last_acquired_on)
            {% if declared_amount() %}, {{ summed_declared_amounts("pieces") }} {% endif %}
        from year_values as pieces
        inner join
            {{ ref("core_territory_tree") }} as tree
            on pieces.holder_id = tree.territory_id
            and pieces.lens = tree.lens
            and pieces.fiscal_year = tree.fiscal_year
        where pieces.holder_type = 'territory'
        group by 1, 2, 3, 4, 5, 6
    )

select *
from all_values
union all
select
    holder_type,
    holder_id,
    lens,
    'career',
    null,
    null,
    {{ summed_sale_values() }},
    sum(customers_acquired),
    sum(left_censored_customers),
    max(last_acquired_on)
    {% if declared_amount() %}, {{ summed_declared_amounts() }} {% endif %}
from all_values
where reading = 'cohort' and age_months is null
group by 1, 2, 3
