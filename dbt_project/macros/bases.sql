{#-
  The bases in which amounts are told: nominal, at the rate of the day; constant, all years at the rates of one day or of a
  budget; real, nominal money in the prices of one month. Each line is told in each basis once, as columns beside the
  nominal ones, and every sum carries the columns along; answers have rows of each. With the nominal basis alone nothing is
  added anywhere.
-#}
{% macro based(column, basis) %} {% do return(column if basis == "nominal" else basis ~ "_" ~ column) %} {% endmacro %}

{#- The columns of the other bases for what is published line by line, each after a comma; null where the company doesn't tell it. -#}
{% macro told_in_other_bases(columns, summed=false) -%}
    {%- for basis in ["constant", "real"] -%}
        {%- for column in columns -%}
            {%- set name = based(column, basis) -%}
            {%- if basis not in var("bases") -%}, cast(null as decimal(18, 4)) as {{ name }}
            {%- elif summed -%}, {{ sum_amount(name) }} as {{ name }}
            {%- else -%}, {{ name }}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- A column under its own name in the basis alone that is asked for. -#}
{% macro as_column(expression, name) -%}
    {{ expression }}{{ " as " ~ name if expression.split(".")[-1] != name }}
{%- endmacro %}

{#- The columns of each basis, those of one relation. -#}
{% macro in_bases(columns, relation=none) -%}
    {%- set names = [] -%}
    {%- for basis in var("bases") -%}
        {%- for column in columns -%}
            {%- do names.append((relation ~ "." if relation else "") ~ based(column, basis)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(names) -%}
{%- endmacro %}

{#- The columns of each basis under another name: of one relation, or with another sign. -#}
{% macro renamed_in_bases(column, into, relation=none, sign="") -%}
    {%- set prefix = sign ~ (relation ~ "." if relation else "") -%}
    {%- for basis in var("bases") %}
        {{ prefix }}{{ based(column, basis) }} as {{ based(into, basis) }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- What a sale is worth, in each basis; the margin is null where a unit cost is unknown. -#}
{% macro values_of_sale() %} {% do return(["revenue_amount", "gross_margin_amount"]) %} {% endmacro %}

{#- What a customer has brought so far, likewise. -#}
{% macro values_so_far() %} {% do return(["realised_ltv_amount", "realised_margin_amount"]) %} {% endmacro %}

{% macro sale_values(relation=none) %} {{ in_bases(values_of_sale(), relation) | join(", ") }} {% endmacro %}

{#- A row that adds nothing to columns, in each basis. -#}
{% macro nothing_of(columns) -%}
    {%- for column in in_bases(columns) %}
        cast(0 as decimal(18, 4)) as {{ column }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro no_sale_values() %} {{ nothing_of(values_of_sale()) }} {% endmacro %}

{% macro realised_values(relation=none) %} {{ in_bases(values_so_far(), relation) | join(", ") }} {% endmacro %}

{#- The sums of two such columns in each basis, the second one only where all of its parts are known. -#}
{% macro summed_values(columns, relation=none) -%}
    {%- set prefix = relation ~ "." if relation else "" -%}
    {%- for basis in var("bases") %}
        {{ sum_amount(prefix ~ based(columns[0], basis)) }} as {{ based(columns[0], basis) }},
        {{ sum_if_all_known(prefix ~ based(columns[1], basis)) }}
        as {{ based(columns[1], basis) }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro summed_sale_values(relation=none) %} {{ summed_values(values_of_sale(), relation) }} {% endmacro %}

{% macro summed_realised_values(relation=none) %} {{ summed_values(values_so_far(), relation) }} {% endmacro %}

{#- The sum of an amount in each basis. -#}
{% macro summed_in_bases(column, relation=none) -%}
    {%- set prefix = relation ~ "." if relation else "" -%}
    {%- for basis in var("bases") %}
        {{ sum_amount(prefix ~ based(column, basis)) }} as {{ based(column, basis) }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- A row a basis, to be multiplied with. -#}
{% macro basis_rows() -%}
    {%- for basis in var("bases") %}
        select '{{ basis }}' as basis
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Of the columns of all bases that of a row's basis. -#}
{% macro of_basis(column, relation, basis="bases.basis") -%}
    {%- if var("bases") | length == 1 -%} {{ relation }}.{{ column }}
    {%- else -%}
        case
            {{ basis }}
            {%- for name in var("bases") %} when '{{ name }}' then {{ relation }}.{{ based(column, name) }}
            {% endfor %}
        end
    {%- endif -%}
{%- endmacro %}

{#-
  An amount in the other bases, each followed by a comma: constant, its own amount at the one rate of its currency; real, the
  nominal one times the deflator of its month.
-#}
{% macro other_bases(local_amount, fx_rate, into) -%}
    {{ bases_beside(local_amount, money_product(local_amount, fx_rate), into) }}
{%- endmacro %}

{#- The same where the nominal amount has a name: it is used by it, not multiplied again. -#}
{% macro bases_beside(local_amount, nominal_amount, into) -%}
    {%- for basis in var("bases") if basis != "nominal" %}
        {{ in_one_basis(local_amount, nominal_amount, basis) }} as {{ based(into, basis) }},
    {%- endfor %}
{%- endmacro %}

{#- An amount in one basis, of its own money and its nominal amount. -#}
{% macro in_one_basis(local_amount, nominal_amount, basis) -%}
    {%- if basis == "constant" -%} {{ money_product(local_amount, "constant_rates.constant_fx_rate") }}
    {%- elif basis == "real" -%} {{ money_product(nominal_amount, "deflators.deflator") }}
    {%- else -%} {{ nominal_amount }}
    {%- endif -%}
{%- endmacro %}

{#- What these need of a relation with a currency and a day. What is dated after the as-of date is told as of that. -#}
{% macro join_other_bases(relation, day, bases=none) -%}
    {%- set bases = var("bases") if bases is none else bases -%}
    {%- if "constant" in bases %}
        left join
            (
                select currency as constant_currency, fx_rate as constant_fx_rate from {{ ref("core_constant_rate") }}
            ) as constant_rates
            on {{ relation }}.currency = constant_rates.constant_currency
    {%- endif %}
    {%- if "real" in bases %}
        left join
            (select month_on as price_month_on, deflator from {{ ref("core_price_index") }}) as deflators
            on {{ month_on(rate_day(relation ~ "." ~ day)) }} = deflators.price_month_on
    {%- endif %}
{%- endmacro %}

{#- What must be equal in a basis beside the nominal one: a name and two sums, from the lines to each way of cutting them. -#}
{% macro basis_ties(basis) -%}
    {%- set revenue, cost = based("revenue_amount", basis), based("cost_amount", basis) -%}
    {%- set sold -%}
        select coalesce(sum({{ revenue }}), 0) from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }}
    {%- endset -%}
    {%- set paid_each_year -%}
        select coalesce(sum({{ cost }}), 0)
        from {{ ref("core_rep_cost") }}
        where crm_user_id is not null and not is_apart and month_on < {{ as_of_on() }}
    {%- endset -%}
    {%- set spent -%}
        select coalesce(sum({{ cost }}), 0)
        from {{ ref("core_rep_cost") }}
        where crm_user_id is not null and month_on < {{ as_of_on() }}
    {%- endset -%}
    {%- set spend -%}
        select coalesce(sum({{ based("spend_amount", basis) }}), 0)
        from {{ ref("core_marketing_line") }}
        where month_on < {{ as_of_on() }}
    {%- endset -%}
    {%- set channels -%}
        select coalesce(sum(revenue_amount), 0) from {{ ref("company_revenue") }} where basis = '{{ basis }}'
    {%- endset -%}
    {%- set ties = [("order lines = revenue of the company", sold, channels)] -%}
    {%- for amount, of_persons, lines in (("revenue", sold, sold), ("cost", paid_each_year, spent)) -%}
        {%- for lens in ["as_sold", "as_was", "as_is"] -%}
            {%- do ties.append(("lines of " ~ amount ~ " = sum of reps " ~ lens.replace("_", " "), of_persons, _year_sum("rep_value", amount, basis, "cost_basis = 'actual' and lens = '" ~ lens ~ "'"))) -%}
        {%- endfor -%}
        {%- for type in ["company", "team", "manager", "territory"] -%}
            {%- do ties.append(("lines of " ~ amount ~ " = sum by " ~ type, lines, _year_sum("group_value", amount, basis, "lens = 'as_sold' and group_type = '" ~ type ~ "'"))) -%}
        {%- endfor -%}
        {%- do ties.append(("lines of " ~ amount ~ " = sum of the tops of the territory tree", lines, _year_sum("group_value", amount, basis, "lens = 'as_sold' and " ~ is_top_of_tree()))) -%}
        {%- for type, sides in segment_cuts().items() -%}
            {%- set with_spend = amount == "cost" and "acquisition_method" in sides -%}
            {%- set whole = "select (" ~ lines ~ ") + (" ~ spend ~ ")" if with_spend else lines -%}
            {%- do ties.append(("lines of " ~ amount ~ (" + marketing spend" if with_spend else "") ~ " = sum by " ~ cut_words(sides), whole, _year_sum("segment_value", amount, basis, "lens = 'as_sold' and segment_type = '" ~ type ~ "'"))) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do ties.append(("order lines = lifetime value of all customers", sold, _sum_of("customer_lifetime_value", "realised_ltv_amount", basis))) -%}
    {%- do ties.append(("order lines = total contract value", sold, _sum_of("contract_value", "tcv_amount", basis))) -%}
    {%- do ties.append(("total contract value = recognised + still to be recognised", _sum_of("contract_value", "tcv_amount", basis), _sum_of("contract_value", "recognised_amount + unrecognised_amount", basis))) -%}
    {%- do ties.append(("invoiced - collected - written off = still open", _sum_of("contract_value", "invoiced_amount - collected_amount - written_off_amount", basis), _sum_of("contract_value", "open_amount", basis))) -%}
    {%- set written_off -%}
        select coalesce(sum({{ based("written_off_amount", basis) }}), 0)
        from {{ ref("core_write_off") }}
        where written_off_on < {{ as_of_on() }}
    {%- endset -%}
    {%- for policy in credit_policies() -%}
        {%- do ties.append(("order lines - write-offs = credited by " ~ policy, "select (" ~ sold ~ ") - (" ~ written_off ~ ")", _sum_of("credit_policy_comparison", "credited_amount", basis, "policy = '" ~ policy ~ "'"))) -%}
    {%- endfor -%}
    {%- set is_step = "not is_total and bridge_step <> 'partner share'" -%}
    {%- do ties.append(("booked by contract = deals won + named steps", _sum_of("contract_value", "bookings_amount", basis), _sum_of("deal_bridge", "bridge_amount", basis, "bridge_step = 'won' or " ~ is_step))) -%}
    {%- do ties.append(("booked by contract = end of the bridge from deals won", _sum_of("contract_value", "bookings_amount", basis), _sum_of("deal_bridge", "bridge_amount", basis, "bridge_step = 'booked'"))) -%}
    {%- do ties.append(("total contract value = net of the bridge from deals won", _sum_of("contract_value", "tcv_amount", basis), _sum_of("deal_bridge", "bridge_amount", basis, "bridge_step = 'net'"))) -%}
    {%- for type in funnel_cuts() -%}
        {%- do ties.append(("start of the bridge from deals won = sum by " ~ type.replace("_", " "), _sum_of("deal_bridge", "bridge_amount", basis, "bridge_step = 'won'"), _sum_of("deal_funnel", "won_amount", basis, "cut_type = '" ~ type ~ "'"))) -%}
    {%- endfor -%}
    {%- set parts = [] -%}
    {%- for part in cost_parts() -%}
        {%- do parts.append("(" ~ _year_sum("group_value", part ~ "_cost", basis, "lens = 'as_sold' and group_type = 'company'") ~ ")") -%}
    {%- endfor -%}
    {%- do ties.append(("lines of cost = direct + shared + management", spent, "select " ~ parts | join(" + "))) -%}
    {%- do return(ties) -%}
{%- endmacro %}

{% macro _sum_of(answer, amount, basis, which="true") -%}
    select coalesce(sum({{ amount }}), 0) from {{ ref(answer) }} where basis = '{{ basis }}' and ({{ which }})
{%- endmacro %}

{% macro _year_sum(answer, amount, basis, which) -%}
    select coalesce(sum({{ amount }}_amount), 0)
    from {{ ref(answer) }}
    where {{ which }} and reading = 'year' and value_measure = 'revenue' and basis = '{{ basis }}'
{%- endmacro %}
