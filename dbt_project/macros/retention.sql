{#-
  What the term of a contract moves out of the year in which it was sold, and into the years in which it is earned: a row a rep's part of a
  line, year and basis. Lines without a term move nothing. Empty under a definition of retention that counts what was sold. Body of a CTE.
-#}
{% macro term_shifts(with_unmoved=false) -%}
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
        {% if not with_unmoved %} where recognised_amount <> tcv_amount {% endif %}
        {% if not loop.last %}
            union all
        {% endif %}
    {% else %}
        select order_line_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
        from {{ ref("core_order_line") }}
        where false
    {% endfor %}
{%- endmacro %}

{#-
  What an account's lines came to in a fiscal year, for who stayed a customer: a line without a term in the year in which it was sold, a
  contract in the years of its term, by days. In version 1 of the metric all is of the year of the sale. Body of a CTE.
-#}
{% macro kept_lines() -%}
    with
        lines as (
            select order_line_id, account_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
            from {{ ref("core_order_line") }}
            where ordered_on < {{ as_of_on() }}
        ),

        shifts as ({{ term_shifts() }}),

        kept as (
            select order_line_id, account_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
            from lines
            union all
            select
                shifts.order_line_id,
                lines.account_id,
                shifts.fiscal_year,
                {{ in_bases(["revenue_amount"], "shifts") | join(", ") }}
            from shifts
            inner join lines on shifts.order_line_id = lines.order_line_id
        )

    select order_line_id, account_id, fiscal_year, {{ summed_in_bases("revenue_amount") }}
    from kept
    group by 1, 2, 3
{%- endmacro %}

{#- The same by account and year, one row a basis. Body of a CTE. -#}
{% macro kept_years() -%}
    with
        kept as (
            select account_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
            from {{ ref("core_sale_account") }}
            union all
            select account_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
            from {{ ref("core_term_shift") }}
        )

    {% for basis in var("bases") %}
        select
            account_id,
            fiscal_year,
            '{{ basis }}' as basis,
            {{ sum_amount(based("revenue_amount", basis)) }} as revenue_amount
        from kept
        group by 1, 2, 3
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{%- endmacro %}
