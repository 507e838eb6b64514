-- What a unit cost in the year before. What was only given back has no price.
with
    sales as ({{ bridge_sides() }}),

    products as (
        select
            fiscal_year,
            product_code,
            {{ sum_amount("old_rate_amount") }} as product_amount,
            cast(sum(sold_units) as decimal(28, 4)) as product_units
        from sales
        where side = -1 and has_price
        group by 1, 2
        having sum(sold_units) > 0 and sum(old_rate_amount) > 0
    ),

    years as (
        select fiscal_year, {{ money_part("sum(product_amount)", "1", "sum(product_units)") }} as mean_price_amount
        from products
        group by 1
    )

select
    products.fiscal_year,
    products.product_code,
    {{ money_part("products.product_amount", "1", "products.product_units") }} as old_price_amount,
    years.mean_price_amount
from products
inner join years on products.fiscal_year = years.fiscal_year
