{#- Months of a contract; none for a one-off. A century at most, so that a slip is no error of dates. -#}
{% macro contract_term(months) %} case when {{ months }} > 0 then least({{ months }}, 1200) end{% endmacro %}

{#-
  Order lines before the as-of date, once for each rep who sold a part: what the company keeps of that part, and what a
  partner keeps, which add up to the line's, in the money of a basis. Only lines with a split are divided: the rest are
  most of what there is. with_one_offs: lines that neither have a term nor refund a line too. Body of a CTE.
-#}
{% macro sold_parts(basis, with_one_offs=true) -%}
    {%- set revenue = based("revenue_amount", basis) -%}
    with
        lines as (
            select
                order_line_id,
                opportunity_id,
                crm_user_id,
                ordered_on,
                fiscal_year,
                {{ contract_term("term_months") }} as term_months,
                booked_amount < 0 or refunds_order_line_id is not null as is_refund,
                {{ as_column(revenue, "revenue_amount") }},
                {{ based("partner_reporting_amount", basis) }} as partner_part_amount
            from {{ ref("core_order_line") }}
            where
                ordered_on < {{ as_of_on() }} and {{ revenue }} is not null
                {% if not with_one_offs %} and (term_months > 0 or refunds_order_line_id is not null) {% endif %}
        ),

        splits as (
            select order_line_id, crm_user_id as seller_crm_user_id, {{ revenue }} as seller_revenue_amount, split_pct
            from {{ ref("core_revenue_share") }}
            where split_pct is not null
        ),

        divided as (select distinct order_line_id from splits),

        shared as (
            select lines.*, splits.seller_crm_user_id, splits.seller_revenue_amount, splits.split_pct
            from lines
            inner join splits on lines.order_line_id = splits.order_line_id
        ),

        allocated as (
            {{
                allocate(
                    "shared",
                    whole=["order_line_id"],
                    part=["seller_crm_user_id"],
                    amounts=["partner_part_amount"],
                    weight="split_pct",
                    into=["seller_partner_amount"],
                )
            }}
        )

    select
        order_line_id,
        opportunity_id,
        seller_crm_user_id as crm_user_id,
        ordered_on,
        fiscal_year,
        term_months,
        is_refund,
        seller_revenue_amount as revenue_amount,
        seller_partner_amount as partner_part_amount
    from allocated
    union all
    select lines.*
    from lines
    left join divided on lines.order_line_id = divided.order_line_id
    where divided.order_line_id is null
{%- endmacro %}

{#-
  Refunds whose sale is known, with its term, and what of each ends a contract early: what it takes back of the rest of the
  term, the refunds before it taken off. In the sale's own money, so that a refund ends the same part of a contract whatever rates and
  prices did since; only where a refund is of another currency, in reporting money. given_back_annual_amount: what of the sale's annual value
  each takes back, that part of it which is ended of the rest of the term; what goes beyond the rest by the whole term, as
  long as anything is left. Body of a CTE.
-#}
{% macro contract_refunds() -%}
    with
        lines as (
            select
                order_line_id,
                ordered_on,
                currency,
                booked_amount - coalesce(partner_amount, 0) as net_amount,
                revenue_amount,
                {{ contract_term("term_months") }} as term_months
            from {{ ref("core_order_line") }}
            where ordered_on < {{ as_of_on() }} and revenue_amount is not null
        ),

        paired as (
            select
                refunds.order_line_id,
                refunds.refunded_order_line_id,
                sales.term_months,
                refunds.ordered_on,
                sales.ordered_on as sold_on,
                {{ add_months("sales.ordered_on", "sales.term_months") }} as ends_on,
                sales.net_amount as sold_net_amount,
                sales.revenue_amount as sold_revenue_amount,
                - givings.net_amount as given_net_amount,
                - givings.revenue_amount as given_revenue_amount,
                min(case when givings.currency is not distinct from sales.currency then 1 else 0 end) over (
                    partition by refunds.refunded_order_line_id
                ) as is_of_one_currency
            from {{ ref("core_refund") }} as refunds
            inner join lines as givings on refunds.order_line_id = givings.order_line_id
            inner join lines as sales on refunds.refunded_order_line_id = sales.order_line_id
        ),

        named as (
            select
                *,
                cast(
                    case when is_of_one_currency = 1 then sold_net_amount else sold_revenue_amount end as decimal(18, 4)
                ) as sold_amount,
                cast(
                    case when is_of_one_currency = 1 then given_net_amount else given_revenue_amount end as decimal(
                        18, 4
                    )
                ) as given_back_amount
            from paired
        ),

        early as (
            select
                *,
                cast(
                    sold_amount
                    - {{ money_part("sold_amount", days_between("sold_on", "ordered_on"), days_between("sold_on", "ends_on")) }}
                    as decimal(18, 4)
                ) as rest_amount,
                coalesce(
                    sum(given_back_amount) over (
                        partition by refunded_order_line_id
                        order by ordered_on, order_line_id
                        rows between unbounded preceding and 1 preceding
                    ),
                    0
                ) as given_before_amount
            from named
            where ordered_on >= sold_on and ordered_on < ends_on
        ),

        ended as (
            select
                named.*,
                early.rest_amount,
                early.order_line_id is not null as is_early,
                cast(
                    least(
                        early.given_back_amount, greatest(early.rest_amount - early.given_before_amount, 0)
                    ) as decimal(18, 4)
                ) as ended_amount
            from named
            left join early on named.order_line_id = early.order_line_id
        ),

        annualised as (
            select
                *,
                {{ money_part("sold_amount", "12", "term_months") }} as sold_annual_amount,
                case
                    when is_early and rest_amount > 0
                    then
                        {{ money_part("sold_amount", "ended_amount * 12", "rest_amount * term_months") }}
                        + {{ money_part("(given_back_amount - ended_amount)", "12", "term_months") }}
                    else {{ money_part("given_back_amount", "12", "term_months") }}
                end as annual_amount
            from ended
            where term_months is not null and sold_amount > 0
        ),

        -- All refunds of a sale together take back no more than its annual value, and no less than nothing.
        taken as (
            select
                order_line_id,
                greatest(least({{ _annual_until("current row") }}, sold_annual_amount), 0) as taken_amount,
                greatest(
                    least(coalesce({{ _annual_until("1 preceding") }}, 0), sold_annual_amount), 0
                ) as taken_before_amount
            from annualised
        )

    select
        ended.order_line_id,
        ended.term_months,
        ended.given_back_amount,
        case when ended.is_early then ended.ends_on end as ends_on,
        ended.ended_amount,
        case
            when ended.given_back_amount <> 0
            then cast(taken.taken_amount - taken.taken_before_amount as decimal(18, 4))
        end as given_back_annual_amount
    from ended
    left join taken on ended.order_line_id = taken.order_line_id
{%- endmacro %}

{#- What the refunds of a sale, up to one of them, would take back of its annual value. -#}
{% macro _annual_until(last) -%}
    sum(annual_amount) over (
        partition by refunded_order_line_id
        order by ordered_on, order_line_id
        rows between unbounded preceding and {{ last }}
    )
{%- endmacro %}

{#-
  What each rep's part of each order line comes to in each fiscal year, before the as-of date: when it was sold, the whole of
  it; in the years of its term, what was recognised by days. One row a line, rep and year of either. Of the basis: the money of the
  line's own day, so that what was recognised adds up to what was sold. with_one_offs: lines without a term too. Body of a CTE.
-#}
{% macro contract_pieces(with_types=true, basis="nominal", with_one_offs=true) -%}
    with
        sold as ({{ sold_parts(basis, with_one_offs) }}),

        refunds as ({{ contract_refunds() }}),

        {% if with_types %}
            opportunities as (select opportunity_id, opportunity_type from {{ ref("fct_opportunity") }}),
        {% endif %}

        -- A refund within the term takes back what was still to come, from its own day to the end of the term; what it
        -- gives back beyond that was recognised before, and is taken back at once.
        contracts as (
            select
                sold.order_line_id,
                sold.crm_user_id,
                {{ _type_of("sold", with_types) }} as opportunity_type,
                sold.fiscal_year,
                sold.ordered_on,
                sold.revenue_amount,
                sold.partner_part_amount,
                case
                    when refunds.order_line_id is null then sold.term_months else refunds.term_months
                end as term_months,
                case
                    when refunds.order_line_id is null
                    then {{ add_months("sold.ordered_on", "sold.term_months") }}
                    else refunds.ends_on
                end as ends_on,
                case
                    when refunds.order_line_id is null or refunds.ended_amount = refunds.given_back_amount
                    then sold.revenue_amount
                    else
                        {{
                            money_part(
                                "sold.revenue_amount",
                                "refunds.ended_amount",
                                "refunds.given_back_amount",
                            )
                        }}
                end as spread_amount,
                refunds.ends_on is not null as is_early_end,
                refunds.given_back_amount,
                refunds.given_back_annual_amount
            from sold
            left join refunds on sold.order_line_id = refunds.order_line_id
            {% if with_types %}
                left join opportunities on sold.opportunity_id = opportunities.opportunity_id
            {% endif %}
            {% if not with_one_offs %} where sold.term_months is not null or refunds.ends_on is not null {% endif %}
        ),

        years as (select distinct {{ fiscal_year("month_on") }} as fiscal_year from {{ ref("core_month") }}),

        -- The years of a span by its first and last one, so that a contract finds them by equality.
        span_years as (
            select
                firsts.fiscal_year as first_year,
                lasts.fiscal_year as last_year,
                years.fiscal_year,
                {{ fiscal_year_start_on("years.fiscal_year") }} as year_start_on,
                least({{ fiscal_year_end_on("years.fiscal_year") }}, {{ as_of_on() }}) as counted_to_on
            from years as firsts
            inner join years as lasts on firsts.fiscal_year <= lasts.fiscal_year
            inner join years on firsts.fiscal_year <= years.fiscal_year and years.fiscal_year <= lasts.fiscal_year
        ),

        spans as (
            select
                *,
                least(
                    {{ fiscal_year(add_days("ends_on", -1)) }}, {{ fiscal_year(add_days(as_of_on(), -1)) }}
                ) as last_year,
                {{ days_between("ordered_on", "ends_on") }} as term_days
            from contracts
            where ends_on is not null
        )

    select
        order_line_id,
        crm_user_id,
        opportunity_type,
        fiscal_year,
        revenue_amount as tcv_amount,
        case
            when term_months is null
            then revenue_amount
            {% if metric_version("acv") > 1 %}
                when given_back_annual_amount is not null
                then {{ money_part("revenue_amount", "given_back_annual_amount", "given_back_amount") }}
            {% endif %}
            else {{ money_part("revenue_amount", "12", "term_months") }}
        end as acv_amount,
        cast(revenue_amount + partner_part_amount as decimal(18, 4)) as bookings_amount,
        partner_part_amount as partner_share_amount,
        case
            when ends_on is null then revenue_amount else cast(revenue_amount - spread_amount as decimal(18, 4))
        end as recognised_amount,
        case
            when ends_on is null
            then 0
            else
                cast(
                    spread_amount
                    - {{ money_part("spread_amount", days_between("ordered_on", "least(ends_on, " ~ as_of_on() ~ ")"), days_between("ordered_on", "ends_on")) }}
                    as decimal(18, 4)
                )
        end as unrecognised_amount,
        case when is_early_end then - spread_amount else 0 end as early_terminated_amount
    from contracts
    union all
    select
        spans.order_line_id,
        spans.crm_user_id,
        spans.opportunity_type,
        span_years.fiscal_year,
        0,
        0,
        0,
        0,
        cast(
            {{ money_part("spans.spread_amount", days_between("spans.ordered_on", "least(spans.ends_on, span_years.counted_to_on)"), "spans.term_days") }}
            - {{ money_part("spans.spread_amount", days_between("spans.ordered_on", "greatest(spans.ordered_on, span_years.year_start_on)"), "spans.term_days") }}
            as decimal(18, 4)
        ),
        0,
        0
    from spans
    inner join span_years on spans.fiscal_year = span_years.first_year and spans.last_year = span_years.last_year
{%- endmacro %}

{#-
  What each rep's part of a payment comes to in the fiscal year of each event, before the as-of date; open, in the year in
  which the payment began, is what is left of it. A payment of no known line is unknown's. Body of a CTE.
-#}
{% macro payment_pieces(with_types=true, basis="nominal") -%}
    {%- set paid = "payments." ~ based("payment_amount", basis) -%}
    with
        payments as (
            select
                payments.payment_id,
                payments.payment_event,
                payments.order_line_id,
                payments.happened_on,
                payments.opened_on,
                {{ as_column(paid, "payment_amount") }},
                lines.opportunity_id,
                coalesce(lines.crm_user_id, 'unknown') as line_crm_user_id
            from {{ ref("core_payment_part") }} as payments
            left join {{ ref("core_order_line") }} as lines on payments.order_line_id = lines.order_line_id
            where payments.happened_on < {{ as_of_on() }} and {{ paid }} is not null
        ),

        splits as (
            select order_line_id, crm_user_id, split_pct
            from {{ ref("core_revenue_share") }}
            where split_pct is not null
        ),

        divided as (select distinct order_line_id from splits),

        shared as (
            select payments.*, splits.crm_user_id, splits.split_pct
            from payments
            inner join splits on payments.order_line_id = splits.order_line_id
        ),

        allocated as (
            {{
                allocate(
                    "shared",
                    whole=["payment_id", "payment_event", "order_line_id"],
                    part=["crm_user_id"],
                    amounts=["payment_amount"],
                    weight="split_pct",
                    into=["part_amount"],
                )
            }}
        ),

        parts as (
            select
                payment_id,
                payment_event,
                order_line_id,
                opportunity_id,
                happened_on,
                opened_on,
                crm_user_id,
                part_amount
            from allocated
            union all
            select
                payments.payment_id,
                payments.payment_event,
                payments.order_line_id,
                payments.opportunity_id,
                payments.happened_on,
                payments.opened_on,
                payments.line_crm_user_id,
                payments.payment_amount
            from payments
            left join divided on payments.order_line_id = divided.order_line_id
            where divided.order_line_id is null
        ),

        {% if with_types %}
            opportunities as (select opportunity_id, opportunity_type from {{ ref("fct_opportunity") }}),
        {% endif %}

        typed as (
            select parts.*, {{ _type_of("parts", with_types) }} as opportunity_type
            from parts
            {% if with_types %}
                left join opportunities on parts.opportunity_id = opportunities.opportunity_id
            {% endif %}
        )

    select
        payment_id,
        payment_event,
        order_line_id,
        crm_user_id,
        opportunity_type,
        {{ fiscal_year("happened_on") }} as fiscal_year,
        {% for event in ["invoiced", "collected", "written_off"] %}
            case when payment_event = '{{ event }}' then part_amount else 0 end as {{ event }}_amount,
        {% endfor %}
        cast(0 as decimal(18, 4)) as open_amount
    from typed
    union all
    select
        payment_id,
        payment_event,
        order_line_id,
        crm_user_id,
        opportunity_type,
        {{ fiscal_year("opened_on") }},
        0,
        0,
        0,
        case when payment_event = 'invoiced' then part_amount else - part_amount end
    from typed
{%- endmacro %}

{#- The amounts of contract_value that order lines bring, and those that payments do. -#}
{% macro contract_amounts() -%}
    {% do return([
        "tcv_amount", "acv_amount", "bookings_amount", "partner_share_amount", "recognised_amount", "unrecognised_amount",
        "early_terminated_amount",
    ]) %}
{%- endmacro %}

{#- The metrics of the amounts of contracts and payments. -#}
{% macro contract_metrics() -%}
    {% do return([
        "tcv", "acv", "booked", "partner_share", "recognised", "unrecognised", "early_terminated", "invoiced", "collected",
        "written_off", "open",
    ]) %}
{%- endmacro %}

{% macro payment_amounts() %}
    {% do return(["invoiced_amount", "collected_amount", "written_off_amount", "open_amount"]) %}
{% endmacro %}

{#- The type of a deal; of the core, which reads no mart, none. -#}
{% macro _type_of(relation, with_types) -%}
    {%- if with_types -%}
        case
            when {{ relation }}.opportunity_id is null
            then 'none'
            else coalesce(opportunities.opportunity_type, 'unknown')
        end
    {%- else -%} cast(null as varchar)
    {%- endif -%}
{%- endmacro %}
