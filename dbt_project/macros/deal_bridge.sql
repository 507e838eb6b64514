{#-
  The steps from the amount of deals won to what was booked and what the company keeps of it, in their order: whether a step is a
  total; of which year it is (the win's or the order's); and what it adds of a row of bridge_rows, where.
-#}
{% macro bridge_steps() -%}
    {%- set of_deal = "place in ('of a deal won', 'of a deal won without an amount')" -%}
    {%- set steps = [
        ["won", true, "won_year", "won_amount", "true"],
        ["won without a line", false, "won_year", "- won_amount", "place = 'won without a line'"],
        ["changed after the win", false, "won_year", "at_win_amount - won_amount", "place = 'of a deal won'"],
        ["won without an amount", false, "won_year", "at_win_amount", "place = 'of a deal won without an amount'"],
        ["exchange since the win", false, "won_year", "booked_amount - at_win_amount", of_deal],
        ["booked in another year", false, "won_year", "- booked_amount", of_deal ~ " and won_year <> fiscal_year"],
        ["won in another year", false, "fiscal_year", "booked_amount", of_deal ~ " and won_year <> fiscal_year"],
        ["of a deal not won", false, "fiscal_year", "booked_amount", "place = 'of a deal not won'"],
        ["without a deal", false, "fiscal_year", "booked_amount", "place = 'without a deal'"],
        ["terminated early", false, "fiscal_year", "- ended_amount", "place = 'refunded'"],
        ["refunded", false, "fiscal_year", "booked_amount + ended_amount", "place = 'refunded'"],
        ["booked", true, "fiscal_year", "booked_amount", "true"],
        ["partner share", false, "fiscal_year", "- partner_amount", "true"],
        ["net", true, "fiscal_year", "booked_amount - partner_amount", "true"],
    ] -%}
    {% do return(steps) %}
{%- endmacro %}

{#-
  Deals won and order lines, both before the as-of date, each at its place in the bridge. One row a deal (won_amount) and one a line
  (booked_amount: before the partner's part; at_win_amount: at the rate of the line's currency on the day of the win, or its own
  day's if none was known yet; ended_amount: what a refund takes of the rest of a term, as contract_value has it). A refund has a
  place of its own, whatever deal it names. Amounts are of the basis: at constant rates nothing came of exchange since the win, and in
  real money what came of it is what prices did too. Body of a CTE.
-#}
{% macro bridge_rows(basis="nominal") -%}
    {%- set revenue = based("revenue_amount", basis) -%}
    {%- set partner = based("partner_reporting_amount", basis) -%}
    with
        deals as (
            select
                deals.opportunity_id,
                deals.delivered_opportunity_id,
                {{ fiscal_year("deals.closed_on") }} as won_year,
                {{ rate_day("deals.closed_on") }} as won_rate_on,
                deals.opportunity_amount,
                coalesce(
                    {{ in_one_basis("deals.opportunity_amount", "deals.reporting_amount", basis) }}, 0
                ) as won_amount
                {%- if basis == "real" %}, deflators.deflator as won_deflator {%- endif %}
            from {{ ref("fct_opportunity") }} as deals {{ join_other_bases("deals", "closed_on", [basis]) }}
            where deals.is_closed and deals.is_won and deals.closed_on < {{ as_of_on() }}
        ),

        pieces as ({{ contract_pieces(with_types=false, basis=basis) }}),

        -- By the parts of those who sold it, so that the cents are those of contract_value.
        endings as (
            select order_line_id, {{ sum_amount("early_terminated_amount") }} as ended_amount
            from pieces
            where early_terminated_amount <> 0
            group by order_line_id
        ),

        lines as (
            select
                lines.order_line_id,
                lines.opportunity_id,
                lines.fiscal_year,
                lines.booked_amount as local_amount,
                lines.currency,
                lines.{{ revenue }} + lines.{{ partner }} as booked_amount,
                lines.{{ partner }} as partner_amount,
                lines.booked_amount < 0 or lines.refunds_order_line_id is not null as is_refund,
                coalesce(endings.ended_amount, 0) as ended_amount
            from {{ ref("core_order_line") }} as lines
            left join endings on lines.order_line_id = endings.order_line_id
            where lines.ordered_on < {{ as_of_on() }} and lines.{{ revenue }} is not null
        ),

        with_lines as (select distinct opportunity_id from lines where not is_refund)

    select
        deals.delivered_opportunity_id,
        cast(null as varchar) as order_line_id,
        case
            when with_lines.opportunity_id is null
            then 'won without a line'
            when deals.opportunity_amount is null
            then 'of a deal won without an amount'
            else 'of a deal won'
        end as place,
        deals.won_year,
        deals.won_year as fiscal_year,
        deals.won_amount,
        cast(0 as decimal(18, 4)) as at_win_amount,
        cast(0 as decimal(18, 4)) as booked_amount,
        cast(0 as decimal(18, 4)) as partner_amount,
        cast(0 as decimal(18, 4)) as ended_amount,
        cast(null as varchar) as win_fx_rate_id
    from deals
    left join with_lines on deals.opportunity_id = with_lines.opportunity_id
    union all
    select
        null,
        lines.order_line_id,
        case
            when lines.is_refund
            then 'refunded'
            when lines.opportunity_id is null
            then 'without a deal'
            when deals.opportunity_id is null
            then 'of a deal not won'
            when deals.opportunity_amount is null
            then 'of a deal won without an amount'
            else 'of a deal won'
        end,
        coalesce(deals.won_year, lines.fiscal_year),
        lines.fiscal_year,
        0,
        {% if basis == "constant" %} lines.booked_amount,
        {% else %}
            {% set at_win = money_product("lines.local_amount", "rates.fx_rate") %}
            case
                when rates.fx_rate is null
                then lines.booked_amount
                else {{ money_product(at_win, "deals.won_deflator") if basis == "real" else at_win }}
            end,
        {% endif %}
        lines.booked_amount,
        lines.partner_amount,
        lines.ended_amount,
        rates.fx_rate_id
    from lines
    left join deals on {{ key_where("not lines.is_refund", "lines.opportunity_id") }} = deals.opportunity_id
    left join {{ ref("core_fx_day") }} as rates on lines.currency = rates.currency and deals.won_rate_on = rates.day_on
{%- endmacro %}
