-- What the term of a contract moves out of the year in which it was sold, and into the years in which it is earned.
-- Lines without a term move nothing. Empty under a definition of retention that counts what was sold.
with
    pieces as (
        {% for basis in var("bases") if metric_version("retention") > 1 %}
            select
                order_line_id,
                fiscal_year
                {%- for one in var("bases") %}
                    ,
                    {{ "recognised_amount - tcv_amount" if one == basis else "cast(0 as decimal(18, 4))" }}
                    as {{ based("revenue_amount", one) }}
                {%- endfor %}
            from ({{ contract_pieces(with_types=false, basis=basis, with_one_offs=false) }}) as pieces
            where recognised_amount <> tcv_amount
            {% if not loop.last %}
                union all
            {% endif %}
        {% else %}
            select order_line_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
            from {{ ref("core_order_line") }}
            where false
        {% endfor %}
    ),

    shifts as (select order_line_id, fiscal_year, {{ summed_in_bases("revenue_amount") }} from pieces group by 1, 2)

select shifts.*, lines.account_id
from shifts
inner join {{ ref("core_order_line") }} as lines on shifts.order_line_id = lines.order_line_id
