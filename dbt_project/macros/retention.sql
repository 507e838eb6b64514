{#-
  What an account's lines came to in a fiscal year, for who stayed a customer: a line without a term in the year in which it was sold, a
  contract in the years of its term, by days. One row a line and year. In version 1 of the metric all is of the year of the sale. Body of a CTE.
-#}
{% macro kept_lines() -%}
    select order_line_id, account_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
    from {{ ref("core_order_line") }}
    where ordered_on < {{ as_of_on() }}
    {% if metric_version("retention") > 1 %}
        union all
        select order_line_id, account_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
        from {{ ref("core_term_shift") }}
    {% endif %}
{%- endmacro %}

{#- The same by account and year, one row a basis. Body of a CTE. -#}
{% macro kept_years() -%}
    with
        kept as (
            select account_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
            from {{ ref("core_sale_account") }}
            {% if metric_version("retention") > 1 %}
                union all
                select account_id, fiscal_year, {{ in_bases(["revenue_amount"]) | join(", ") }}
                from {{ ref("core_term_shift") }}
            {% endif %}
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
