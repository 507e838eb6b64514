-- What must be equal, and whether it is. The gate reads this table, and so does the page.
with
    deliveries as (
        select coalesce(sum(lines), 0) as lines, coalesce(sum(loaded + rejected), 0) as accounted_for
        from {{ source("repledger", "delivery") }}
    ),

    row_counts as (
        select
            coalesce(sum(loaded_lines), 0) as loaded_lines,
            coalesce(sum(rows_of_lines), 0) as rows_of_lines,
            coalesce(sum(input_rows), 0) as input_rows,
            coalesce(sum(version_rows + repeat_rows + conflict_rows + deletion_rows), 0) as accounted_for
        from {{ ref("core_row_count") }}
    ),

    sold as (
        select
            coalesce(sum(revenue_amount), 0) as revenue_amount,
            coalesce(sum(case when ordered_on < {{ as_of_on() }} then revenue_amount end), 0) as revenue_to_date_amount
        from {{ ref("fct_order_line") }}
    ),

    credited as (
        select coalesce(sum(credited_amount), 0) as credited_amount
        from {{ ref("fct_credit") }}
        where credit_role <> 'overlay'
    ),

    given_up as (
        select
            coalesce(sum(written_off_amount), 0) as written_off_amount,
            coalesce(
                sum(case when written_off_on < {{ as_of_on() }} then written_off_amount end), 0
            ) as written_off_to_date_amount
        from {{ ref("core_write_off") }}
    ),

    -- From the delivered rows, converted once more: a line that core_cost_line loses or doubles is seen.
    delivered_cost as (
        select coalesce(sum({{ money_product("lines.local_amount", "rates.fx_rate") }}), 0) as cost_amount
        from
            (
                select pay_amount as local_amount, currency, period_start_on as spent_on
                from {{ latest("pay_item") }}
                union all
                select expense_amount, currency, spent_on
                from {{ latest("expense_line") }}
                union all
                select pool_amount, currency, month_on
                from {{ latest("cost_pool") }}
                union all
                select coaching_cost_amount, currency, session_on
                from {{ latest("coaching") }}
                where coaching_cost_amount is not null
            ) as lines
        inner join
            {{ ref("core_fx_span") }} as rates
            on lines.currency = rates.currency
            and lines.spent_on >= rates.holds_from_on
            and lines.spent_on < rates.holds_to_on
    ),

    attributed_cost as (
        select coalesce(sum(cost_amount), 0) as cost_amount
        from
            (
                select cost_amount
                from {{ ref("fct_rep_cost") }}
                union all
                select cost_amount
                from {{ ref("unattributed_cost") }}
            ) as everyones
    ),

    -- The same in each currency, without any rate.
    local_cost as (
        select
            currency,
            coalesce(sum(case when side = 'delivered' then local_amount end), 0) as delivered_amount,
            coalesce(sum(case when side = 'attributed' then local_amount end), 0) as attributed_amount
        from
            (
                select 'delivered' as side, currency, pay_amount as local_amount
                from {{ latest("pay_item") }}
                union all
                select 'delivered', currency, expense_amount
                from {{ latest("expense_line") }}
                union all
                select 'delivered', currency, pool_amount
                from {{ latest("cost_pool") }}
                union all
                select 'delivered', currency, coaching_cost_amount
                from {{ latest("coaching") }}
                where coaching_cost_amount is not null
                union all
                select 'attributed', currency, cost_local_amount
                from {{ ref("fct_rep_cost") }}
                union all
                select 'attributed', currency, cost_local_amount
                from {{ ref("unattributed_cost") }}
            ) as sides
        group by currency
    ),

    company as (
        select
            coalesce(sum(revenue_amount), 0) as revenue_amount,
            coalesce(sum(cost_amount), 0) as cost_amount,
            coalesce(sum(direct_cost_amount + shared_cost_amount + management_cost_amount), 0) as parts_amount
        from {{ ref("group_value") }}
        where
            group_type = 'company'
            and lens = 'as_sold'
            and reading = 'year'
            and value_measure = 'revenue'
            and basis = 'nominal'
    ),

    channels as (
        select coalesce(sum(revenue_amount), 0) as revenue_amount
        from {{ ref("company_revenue") }}
        where basis = 'nominal'
    ),

    reps as (
        select coalesce(sum(revenue_amount), 0) as revenue_amount, coalesce(sum(cost_amount), 0) as cost_amount
        from {{ ref("rep_value") }}
        where
            cost_basis = 'actual'
            and lens = 'as_sold'
            and reading = 'year'
            and value_measure = 'revenue'
            and basis = 'nominal'
    ),

    -- What is paid once: in the company's year and in no person's.
    paid_once as (
        select coalesce(sum(cost_amount), 0) as cost_amount
        from {{ ref("fct_rep_cost") }}
        where
            {{ is_apart("component") }}
            and month_on < {{ as_of_on() }}
            -- Of a month that a year's end cuts, the part that has not begun.
            and fiscal_year <= {{ fiscal_year(add_days(as_of_on(), -1)) }}
    ),

    customers as (
        select coalesce(sum(realised_ltv_amount), 0) as realised_ltv_amount
        from {{ ref("customer_lifetime_value") }}
        where basis = 'nominal'
    ),

    customer_months as (
        select coalesce(sum(realised_ltv_amount), 0) as realised_ltv_amount
        from {{ ref("fct_customer_value") }}
        where month_on = {{ month_on(add_days(as_of_on(), -1)) }}
    ),

    marketing as (
        select coalesce(sum(cost_amount), 0) as cost_amount
        from {{ ref("core_segment_cost") }}
        where
            cost_kind = 'marketing'
            and basis = 'nominal'
            and segment_type = 'acquisition_method'
            and allocation_key = 'revenue'
    ),

    -- Counted anew from all that was delivered: a row that no source answers for is missing on the right.
    events as (
        select
            {% for entity in ["order_line", "pay_item", "expense_line"] %}
                (
                    select count(*)
                    from {{ ref("core_" ~ entity ~ "_history") }}
                    where known_to_on = {{ end_of_time() }} and valid_to_on = {{ end_of_time() }}
                )
                {{ "+" if not loop.last }}
            {% endfor %} as row_count,
            (select count(*) from {{ ref("core_order_line") }}) + (
                -- A line of several months, or that a year's end cuts, is one: the row of its first day.
                select count(*)
                from {{ ref("core_cost_line") }}
                where not {{ is_of_leave() }} and month_on = {{ part_on("rated_on") }}
            )
            + (select coalesce(sum(row_count), 0) from {{ ref("taken_over") }}) as counted
    ),

    unmatched as (
        select
            coalesce(
                sum(case when reason in ('no such CRM user', 'no seller named') then revenue_amount end), 0
            ) as seller_amount,
            coalesce(sum(case when reason = 'a rep without an employee' then revenue_amount end), 0) as rep_amount,
            coalesce(sum(case when reason = 'no such account' then revenue_amount end), 0) as account_amount,
            coalesce(sum(cost_amount), 0) as cost_amount
        from {{ ref("unmatched_identity") }}
    ),

    unmatched_reps as (
        select
            coalesce(sum(case when crm_user_id = 'unknown' then revenue_amount end), 0) as unknown_amount,
            coalesce(sum(case when crm_user_id <> 'unknown' then revenue_amount end), 0) as rep_amount,
            coalesce(sum(case when crm_user_id = 'unknown' then cost_amount end), 0) as cost_amount
        from {{ ref("rep_value") }}
        where
            cost_basis = 'actual'
            and lens = 'as_sold'
            and reading = 'year'
            and value_measure = 'revenue'
            and basis = 'nominal'
            and employee_number is null
    ),

    unmatched_customers as (
        select coalesce(sum(answers.realised_ltv_amount), 0) as account_amount
        from {{ ref("customer_lifetime_value") }} as answers
        inner join {{ ref("core_customer") }} as customers on answers.account_id = customers.account_id
        where answers.basis = 'nominal' and not customers.is_in_crm
    ),

    contracts as (
        select
            coalesce(sum(tcv_amount), 0) as tcv_amount,
            coalesce(sum(bookings_amount), 0) as bookings_amount,
            coalesce(sum(recognised_amount), 0) as recognised_amount,
            coalesce(sum(unrecognised_amount), 0) as unrecognised_amount,
            coalesce(sum(early_terminated_amount), 0) as early_terminated_amount,
            coalesce(sum(invoiced_amount), 0) as invoiced_amount,
            coalesce(sum(collected_amount), 0) as collected_amount,
            coalesce(sum(written_off_amount), 0) as written_off_amount,
            coalesce(sum(open_amount), 0) as open_amount
        from {{ ref("contract_value") }}
        where basis = 'nominal'
    ),

    bridge as (
        select
            sum(case when bridge_step = 'won' then bridge_amount else 0 end) as won_amount,
            sum(case when bridge_step = 'booked' then bridge_amount else 0 end) as booked_amount,
            sum(case when bridge_step = 'net' then bridge_amount else 0 end) as net_amount,
            sum(case when bridge_step = 'terminated early' then bridge_amount else 0 end) as ended_amount,
            sum(case when is_total or bridge_step = 'partner share' then 0 else bridge_amount end) as between_amount
        from {{ ref("deal_bridge") }}
        where basis = 'nominal'
    ),

    payments as (
        select coalesce(sum(payment_amount), 0) as payment_amount
        from {{ ref("core_payment_part") }}
        where happened_on < {{ as_of_on() }}
    ),

    pairs as (
        select
            'delivered lines = loaded + rejected' as tie_out,
            'lines' as unit,
            lines as left_amount,
            accounted_for as right_amount
        from deliveries
        union all
        select 'lines loaded = rows of the input layer', 'lines', loaded_lines, rows_of_lines
        from row_counts
        union all
        select
            'rows of the input layer = versions + repeats + conflicts + deletions', 'lines', input_rows, accounted_for
        from row_counts
        union all
        select
            'order lines - write-offs = credited + explicitly uncredited',
            'amount',
            revenue_amount - written_off_amount,
            credited_amount
        from sold
        cross join given_up
        cross join credited
        {% for policy in credit_policies() %}
            union all
            select
                'order lines - write-offs = credited by {{ policy }}',
                'amount',
                revenue_to_date_amount - written_off_to_date_amount,
                (
                    select coalesce(sum(credited_amount), 0)
                    from {{ ref("credit_policy_comparison") }}
                    where policy = '{{ policy }}' and basis = 'nominal'
                )
            from sold
            cross join given_up
        {% endfor %}
        union all
        select
            'pay, expenses, pools and coaching delivered = rep cost + explicitly nobody''s',
            'amount',
            delivered_cost.cost_amount,
            attributed_cost.cost_amount
        from delivered_cost
        cross join attributed_cost
        union all
        select
            concat('pay, expenses, pools and coaching delivered = rep cost + explicitly nobody''s, in ', currency),
            'amount',
            delivered_amount,
            attributed_amount
        from local_cost
        union all
        select 'order lines = revenue of the company', 'amount', revenue_to_date_amount, channels.revenue_amount
        from sold
        cross join channels
        union all
        select 'order lines = lifetime value of all customers', 'amount', revenue_to_date_amount, realised_ltv_amount
        from sold
        cross join customers
        union all
        select
            'lifetime value of all customers = their value in the last month',
            'amount',
            customers.realised_ltv_amount,
            customer_months.realised_ltv_amount
        from customers
        cross join customer_months
        union all
        select 'revenue of the company = sum of reps', 'amount', channels.revenue_amount, reps.revenue_amount
        from channels
        cross join reps
        union all
        select
            'cost of the company = sum of reps + what is paid once',
            'amount',
            company.cost_amount,
            reps.cost_amount + paid_once.cost_amount
        from company
        cross join reps
        cross join paid_once
        union all
        select 'lines, pay and expenses delivered = counted + told by another source', 'lines', row_count, counted
        from events
        union all
        select
            'revenue of unknown reps = unmatched sellers',
            'amount',
            unmatched_reps.unknown_amount,
            unmatched.seller_amount
        from unmatched_reps
        cross join unmatched
        union all
        select
            'cost of unknown reps = unmatched employees and claimants',
            'amount',
            unmatched_reps.cost_amount,
            unmatched.cost_amount
        from unmatched_reps
        cross join unmatched
        union all
        select
            'revenue of reps without an employee = their unmatched revenue',
            'amount',
            unmatched_reps.rep_amount,
            unmatched.rep_amount
        from unmatched_reps
        cross join unmatched
        union all
        select
            'lifetime value of unknown customers = unmatched accounts',
            'amount',
            unmatched_customers.account_amount,
            unmatched.account_amount
        from unmatched_customers
        cross join unmatched
        {% for lens in ["as_was", "as_is"] %}
            {% for amount in ["revenue", "cost"] %}
                union all
                select
                    '{{ amount }} of the company = sum of reps{{ " + what is paid once" if amount == "cost" }}, {{ lens.replace("_", " ") }}',
                    'amount',
                    company.{{ amount }}_amount,
                    (
                        select coalesce(sum({{ amount }}_amount), 0)
                        from {{ ref("rep_value") }}
                        where
                            cost_basis = 'actual'
                            and lens = '{{ lens }}'
                            and reading = 'year'
                            and value_measure = 'revenue'
                            and basis = 'nominal'
                    )
                    {%- if amount == "cost" %} + paid_once.cost_amount {% endif %}
                from company
                cross join paid_once
            {% endfor %}
        {% endfor %}
        union all
        select 'cost of the company = direct + shared + management', 'amount', cost_amount, parts_amount
        from company
        {% for amount in ["revenue", "cost"] %}
            union all
            select
                '{{ amount }} of the company = sum of the tops of the territory tree',
                'amount',
                company.{{ amount }}_amount,
                (
                    select coalesce(sum({{ amount }}_amount), 0)
                    from {{ ref("group_value") }}
                    where
                        {{ is_top_of_tree() }}
                        and lens = 'as_sold'
                        and reading = 'year'
                        and value_measure = 'revenue'
                        and basis = 'nominal'
                )
            from company
        {% endfor %}
        {% for type in ["team", "manager", "territory"] %}
            {% for amount in ["revenue", "cost"] %}
                union all
                select
                    '{{ amount }} of the company = sum of {{ type.replace("territory", "territorie") }}s',
                    'amount',
                    company.{{ amount }}_amount,
                    (
                        select coalesce(sum({{ amount }}_amount), 0)
                        from {{ ref("group_value") }}
                        where
                            group_type = '{{ type }}'
                            and lens = 'as_sold'
                            and reading = 'year'
                            and value_measure = 'revenue'
                            and basis = 'nominal'
                    )
                from company
            {% endfor %}
        {% endfor %}
        {% for basis in var("bases") if basis != "nominal" %}
            {% for name, left, right in basis_ties(basis) %}
                union all
                select '{{ name }}, {{ basis }}', 'amount', ({{ left }}), ({{ right }})
            {% endfor %}
        {% endfor %}
        union all
        select 'revenue of the company = total contract value', 'amount', channels.revenue_amount, contracts.tcv_amount
        from channels
        cross join contracts
        union all
        select
            'total contract value = recognised + still to be recognised',
            'amount',
            tcv_amount,
            recognised_amount + unrecognised_amount
        from contracts
        union all
        select
            'payments = invoiced + collected + written off',
            'amount',
            payments.payment_amount,
            contracts.invoiced_amount + contracts.collected_amount + contracts.written_off_amount
        from payments
        cross join contracts
        union all
        select
            'invoiced - collected - written off = still open',
            'amount',
            invoiced_amount - collected_amount - written_off_amount,
            open_amount
        from contracts
        union all
        select
            'amount of deals won = start of the bridge to what was booked',
            'amount',
            (
                select coalesce(sum(reporting_amount), 0)
                from {{ ref("fct_opportunity") }}
                where is_closed and is_won and closed_on < {{ as_of_on() }}
            ),
            coalesce(won_amount, 0)
        from bridge
        union all
        select
            'deals won + named steps = booked',
            'amount',
            coalesce(won_amount + between_amount, 0),
            coalesce(booked_amount, 0)
        from bridge
        union all
        select
            'booked by contract = end of the bridge from deals won',
            'amount',
            contracts.bookings_amount,
            coalesce(bridge.booked_amount, 0)
        from contracts
        cross join bridge
        union all
        select
            'total contract value = net of the bridge from deals won',
            'amount',
            contracts.tcv_amount,
            coalesce(bridge.net_amount, 0)
        from contracts
        cross join bridge
        union all
        select
            'terminated early by contract = terminated early in the bridge from deals won',
            'amount',
            contracts.early_terminated_amount,
            coalesce(- bridge.ended_amount, 0)
        from contracts
        cross join bridge
        {% for basis in var("bases") %}
            {% for name, left, right in measure_ties(basis) %}
                union all
                select '{{ name }}', 'amount', ({{ left }}), ({{ right }})
            {% endfor %}
        {% endfor %}
        union all
        select
            'steps of value in the bridges of the company = change of its order lines',
            'amount',
            (select coalesce(sum(value_change_amount), 0) from {{ ref("ratio_bridge") }} where holder_type = 'company'),
            (
                select
                    coalesce(
                        sum(case when years.fiscal_year = lines.fiscal_year then 1 else -1 end * lines.revenue_amount),
                        0
                    )
                from (select distinct fiscal_year from {{ ref("ratio_bridge") }} where holder_type = 'company') as years
                inner join
                    (
                        select fiscal_year, sum(revenue_amount) as revenue_amount
                        from {{ ref("fct_order_line") }}
                        group by 1
                    ) as lines
                    on years.fiscal_year in (lines.fiscal_year, lines.fiscal_year + 1)
            )
        {% for type in funnel_cuts() %}
            union all
            select
                'amount of deals won = sum by {{ type.replace("_", " ") }}',
                'amount',
                (
                    select coalesce(sum(reporting_amount), 0)
                    from {{ ref("fct_opportunity") }}
                    where is_closed and is_won and closed_on < {{ as_of_on() }}
                ),
                (
                    select coalesce(sum(won_amount), 0)
                    from {{ ref("deal_funnel") }}
                    where cut_type = '{{ type }}' and basis = 'nominal'
                )
        {% endfor %}
        {% for type, sides in segment_cuts().items() %}
            {% for amount in ["revenue", "cost"] %}
                    {%- set has_marketing = amount == "cost" and "acquisition_method" in sides %}
                union all
                select
                    '{{ amount }} of the company{{ " + marketing spend" if has_marketing }} = sum by {{ cut_words(sides) }}',
                    'amount',
                    company.{{ amount }}_amount
                    {%- if has_marketing %} + marketing.cost_amount {% endif %},
                    (
                        select coalesce(sum({{ amount }}_amount), 0)
                        from {{ ref("segment_value") }}
                        where
                            segment_type = '{{ type }}'
                            and lens = 'as_sold'
                            and reading = 'year'
                            and value_measure = 'revenue'
                            and basis = 'nominal'
                    )
                from company
                cross join marketing
            {% endfor %}
        {% endfor %}
    )

select
    tie_out,
    unit,
    cast(left_amount as decimal(38, 4)) as left_amount,
    cast(right_amount as decimal(38, 4)) as right_amount,
    cast(left_amount - right_amount as decimal(38, 4)) as difference_amount,
    abs(left_amount - right_amount) < cast(0.005 as decimal(4, 3)) as is_tied
from pairs
