-- The limit of what is possible: six facts, one dimension and six answers from the same raw, as one script written for the
-- benchmark's company alone. What that company never delivers (deletions, snapshots, splits, refunds, merges, expense
-- claims by e-mail, a second currency pair) has no line here; what a figure needs (the last version of a corrected row,
-- who held a rep or a customer when, an activity that came twice counts once) has. Run by `limit.py`, which compares
-- every row with what Repledger published.
-- Variables: raw, the folder; known_on, the last extract date that is read.

set preserve_insertion_order = false;

set variable as_of = (
    select max(cast(regexp_extract(file, 'extract_date=([0-9-]+)', 1) as date)) as as_of
    from glob(getvariable('raw') || '/crm/activity/*/*.parquet')
    where cast(regexp_extract(file, 'extract_date=([0-9-]+)', 1) as date) <= getvariable('known_on')
);

create macro delivered(entity) as table
    select *
    from read_parquet(getvariable('raw') || '/' || entity || '/*/*.parquet', hive_partitioning = true, hive_types = {'extract_date': date})
    where extract_date <= getvariable('known_on');

create macro rounded(amount) as cast(round(amount, 4) as decimal(18, 4));
create macro total(amount) as cast(coalesce(sum(amount), 0) as decimal(18, 4));
create macro last_day_of(month_on) as cast(month_on + interval 1 month - interval 1 day as date);
create macro ratio_of(value, cost) as case when cost <> 0 then round(cast(value as double) / cast(cost as double), 6) end;
-- Decimals divided become doubles: whole ten-thousandths, half away from zero.
create macro units(amount) as cast(cast(amount as decimal(28, 4)) * 10000 as hugeint);
create macro twelfth(amount) as cast(cast((2 * units(amount) + 12 * cast(sign(amount) as hugeint)) // 24 as decimal(28, 0)) * 0.0001 as decimal(18, 4));

-- What is small: rates a day, reps and who held them, customers and who held them.

create temp table rate as
with
    quoted as (select from_currency, cast(rate_on as date) as rate_on, cast(rate as decimal(9, 4)) as rate from delivered('reference/fx_rate')),
    days as (select cast(range as date) as day_on from range(date '2015-01-01', getvariable('as_of') + interval 1 day, interval 1 day))
select quoted.from_currency as currency, days.day_on, 'reference-' || quoted.from_currency || '-USD-' || quoted.rate_on as fx_rate_id, quoted.rate
from days
asof join quoted on days.day_on >= quoted.rate_on;

create temp table rep_span as
select
    crm_user_id,
    employee_number,
    user_name,
    team_id,
    team_name,
    coalesce(nullif(manager_crm_user_id, ''), 'unknown') as manager_crm_user_id,
    case when row_number() over rep_versions = 1 then date '0001-01-01' else extract_date end as since_on,
    lead(extract_date) over rep_versions is null as is_last
from delivered('crm/crm_user')
window rep_versions as (partition by crm_user_id order by extract_date);

create temp table rep as
select spans.crm_user_id, spans.employee_number, spans.user_name as rep_name, seats.territory_id
from rep_span as spans
inner join delivered('crm/territory_assignment') as seats using (crm_user_id)
where spans.is_last;

create temp table territory as
select territory_id, territory_name
from delivered('crm/territory');

create temp table account_span as
select
    account_id,
    account_name,
    industry,
    acquisition_method,
    country_code,
    cast(created_on as date) as created_on,
    owner_crm_user_id,
    case when row_number() over account_versions = 1 then date '0001-01-01' else extract_date end as since_on,
    lead(extract_date) over account_versions as until_on
from delivered('crm/account')
window account_versions as (partition by account_id order by extract_date);

-- Facts.

create table fct_order_line as
with
    delivered as (select *, hash(order_line_id) as line_hash from delivered('crm/order_line')),
    -- Few lines are corrected, and only those need ranking.
    corrected as (select line_hash from delivered group by line_hash having count(*) > 1),
    latest as (
        select *
        from delivered
        anti join corrected using (line_hash)
        union all
        select *
        from delivered
        semi join corrected using (line_hash)
        qualify row_number() over (partition by order_line_id order by extract_date desc) = 1
    ),
    typed as (
        select
            * replace (
                cast(ordered_on as date) as ordered_on,
                cast(quantity as decimal(18, 4)) as quantity,
                cast(booked_amount as decimal(18, 4)) as booked_amount
            ),
            cast(unit_cost_amount as decimal(18, 4)) * cast(quantity as decimal(18, 4)) as cost_local_amount
        from latest
    )
select
    typed.order_line_id,
    typed.order_id,
    typed.account_id,
    typed.account_id as delivered_account_id,
    typed.crm_user_id,
    typed.crm_user_id as delivered_crm_user_id,
    typed.opportunity_id,
    typed.opportunity_id as delivered_opportunity_id,
    typed.territory_id,
    typed.ordered_on,
    cast(year(typed.ordered_on) as integer) as fiscal_year,
    typed.channel,
    typed.product_code,
    typed.quantity,
    typed.currency,
    typed.booked_amount,
    coalesce(rate.fx_rate_id, 'own') as fx_rate_id,
    case when rate.rate is null then typed.booked_amount else rounded(typed.booked_amount * rate.rate) end as revenue_amount,
    cast(
        case
            when rate.rate is null
            then typed.booked_amount - rounded(typed.cost_local_amount)
            else rounded(typed.booked_amount * rate.rate) - rounded(rounded(typed.cost_local_amount) * rate.rate)
        end as decimal(18, 4)
    ) as gross_margin_amount,
    cast(typed.term_months as bigint) as term_months,
    typed.refunds_order_line_id
from typed
left join rate on typed.currency = rate.currency and least(typed.ordered_on, getvariable('as_of')) = rate.day_on;

create table fct_opportunity as
with
    delivered as (select *, hash(opportunity_id) as opportunity_hash from delivered('crm/opportunity')),
    counted as (
        select
            opportunity_hash,
            max(extract_date) as extract_date,
            count(*) as version_count,
            count(*) filter (is_closed = 'true') > 1 as is_closed_again
        from delivered
        group by opportunity_hash
    ),
    -- Only a deal that is closed again can say what it said before, and that is no version.
    repeats as (
        select opportunity_hash, count(*) filter (is_repeat) as repeat_count
        from (
            select
                opportunity_hash,
                (stage, opportunity_amount) = lag((stage, opportunity_amount)) over (partition by opportunity_id order by extract_date) as is_repeat
            from delivered
            semi join (from counted where is_closed_again) using (opportunity_hash)
        )
        group by opportunity_hash
    ),
    typed as (
        select
            delivered.* replace (
                cast(created_on as date) as created_on, cast(closed_on as date) as closed_on, cast(opportunity_amount as decimal(18, 4)) as opportunity_amount
            ),
            counted.version_count - coalesce(repeats.repeat_count, 0) as version_count
        from delivered
        inner join counted using (opportunity_hash, extract_date)
        left join repeats using (opportunity_hash)
    )
select
    typed.opportunity_id,
    typed.opportunity_id as delivered_opportunity_id,
    typed.account_id,
    typed.owner_crm_user_id,
    typed.stage,
    cast(typed.is_closed as boolean) as is_closed,
    cast(typed.is_won as boolean) as is_won,
    typed.opportunity_type,
    typed.channel,
    typed.created_on,
    typed.closed_on,
    cast(typed.term_months as bigint) as term_months,
    typed.opportunity_amount,
    typed.currency,
    case when rate.rate is null then typed.opportunity_amount else rounded(typed.opportunity_amount * rate.rate) end as reporting_amount,
    1 as delivered_count,
    cast(typed.version_count as integer) as version_count
from typed
left join rate on typed.currency = rate.currency and least(coalesce(typed.closed_on, typed.created_on), getvariable('as_of')) = rate.day_on;

create table fct_activity_daily as
with
    delivered as (select *, hash(activity_id) as activity_hash from delivered('crm/activity')),
    repeated as (select activity_hash from delivered group by activity_hash having count(*) > 1),
    activities as (
        select crm_user_id, occurred_at, activity_type, duration_minutes
        from delivered
        anti join repeated using (activity_hash)
        union all
        select crm_user_id, occurred_at, activity_type, duration_minutes
        from delivered
        semi join repeated using (activity_hash)
        qualify row_number() over (partition by activity_id order by extract_date desc, _line desc) = 1
    )
select
    crm_user_id,
    cast(left(occurred_at, 10) as date) as activity_on,
    activity_type,
    cast(count(*) as integer) as activity_count,
    cast(sum(cast(duration_minutes as integer)) as integer) as duration_minutes
from activities
group by all;

create table fct_rep_cost as
with
    lines as (
        select employee_number, cast(period_start_on as date) as spent_on, component, currency, cast(pay_amount as decimal(18, 4)) as cost_local_amount
        from delivered('payroll/pay_item')
        union all
        select claimant_employee_number, cast(spent_on as date), 'expenses', currency, cast(expense_amount as decimal(18, 4))
        from delivered('expenses/expense_line')
    ),
    converted as (
        select
            lines.*,
            case when rate.rate is null then lines.cost_local_amount else rounded(lines.cost_local_amount * rate.rate) end as cost_amount
        from lines
        left join rate on lines.currency = rate.currency and least(lines.spent_on, getvariable('as_of')) = rate.day_on
    )
select
    rep.crm_user_id,
    employee_number,
    cast(date_trunc('month', converted.spent_on) as date) as month_on,
    converted.component,
    converted.currency,
    total(converted.cost_amount) as cost_amount,
    total(converted.cost_local_amount) as cost_local_amount
from converted
inner join rep using (employee_number)
group by all;

create temp table acquisition as
with
    lines as (select account_id, ordered_on, order_line_id, crm_user_id, territory_id from fct_order_line where ordered_on < getvariable('as_of')),
    first_days as (select account_id, min(ordered_on) as ordered_on from lines group by account_id)
select
    account_id,
    ordered_on as acquired_on,
    cast(year(ordered_on) as integer) as fiscal_year,
    arg_min(crm_user_id, order_line_id) as crm_user_id,
    arg_min(territory_id, order_line_id) as territory_id
from lines
inner join first_days using (account_id, ordered_on)
group by account_id, ordered_on;

create table dim_customer as
select
    spans.account_id,
    spans.account_name,
    spans.industry,
    cast(null as varchar) as business_type,
    spans.acquisition_method,
    spans.country_code,
    cast(null as varchar) as ultimate_parent_account_id,
    spans.created_on,
    acquisition.acquired_on,
    if(acquisition.acquired_on is null, null, 'inferred') as acquisition_basis,
    acquisition.crm_user_id as acquiring_crm_user_id
from account_span as spans
left join acquisition using (account_id)
where spans.until_on is null
union all
select 'unknown', 'unknown', 'unknown', null, 'unknown', null, null, null, null, null, null;

create table fct_credit as
select
    lines.order_line_id,
    acquisition.crm_user_id,
    'originate' as credit_role,
    lines.ordered_on as credited_on,
    'acquirer' as reason,
    lines.revenue_amount as credited_amount
from fct_order_line as lines
inner join acquisition using (account_id);

create table fct_customer_value as
with
    monthly as (
        select
            account_id,
            cast(date_trunc('month', ordered_on) as date) as month_on,
            sum(revenue_amount) as revenue_amount,
            sum(gross_margin_amount) as gross_margin_amount
        from fct_order_line
        where ordered_on < getvariable('as_of')
        group by all
    ),
    -- A month is whose who holds the customer on its last day, so a handover's own month is the new owner's.
    grid as (
        select
            spans.account_id,
            spans.owner_crm_user_id,
            cast(
                unnest(
                    range(
                        date_trunc('month', greatest(acquisition.acquired_on, spans.since_on)),
                        cast(least(date_trunc('month', spans.until_on), getvariable('as_of')) as timestamp),
                        interval 1 month
                    )
                ) as date
            ) as month_on
        from account_span as spans
        inner join acquisition using (account_id)
    )
select
    grid.account_id,
    grid.month_on,
    grid.owner_crm_user_id,
    grid.month_on + interval 1 month <= getvariable('as_of') as is_over,
    cast(coalesce(monthly.revenue_amount, 0) as decimal(18, 4)) as revenue_amount,
    cast(sum(monthly.revenue_amount) over so_far as decimal(18, 4)) as realised_ltv_amount,
    cast(sum(monthly.gross_margin_amount) over so_far as decimal(18, 4)) as realised_margin_amount
from grid
left join monthly using (account_id, month_on)
window so_far as (partition by grid.account_id order by grid.month_on rows unbounded preceding);

-- Value and cost of every holder.

create temp table sale_day as
select crm_user_id, ordered_on as day_on, sum(revenue_amount) as revenue_amount, sum(gross_margin_amount) as gross_margin_amount
from fct_order_line
where ordered_on < getvariable('as_of')
group by all;

create temp table customer as
with
    sums as (
        select
            lines.account_id,
            sum(revenue_amount) filter (ordered_on < acquired_on + interval 12 month) as revenue_12,
            sum(revenue_amount) filter (ordered_on < acquired_on + interval 24 month) as revenue_24,
            sum(revenue_amount) filter (ordered_on < acquired_on + interval 36 month) as revenue_36,
            sum(revenue_amount) as revenue_to_date,
            sum(gross_margin_amount) filter (ordered_on < acquired_on + interval 12 month) as margin_12,
            sum(gross_margin_amount) filter (ordered_on < acquired_on + interval 24 month) as margin_24,
            sum(gross_margin_amount) filter (ordered_on < acquired_on + interval 36 month) as margin_36,
            sum(gross_margin_amount) as margin_to_date
        from fct_order_line as lines
        inner join acquisition using (account_id)
        where ordered_on < getvariable('as_of')
        group by all
    )
select acquisition.*, spans.account_name, spans.industry, spans.acquisition_method, territory.territory_name as region, sums.* exclude (account_id)
from sums
inner join acquisition using (account_id)
inner join account_span as spans using (account_id)
inner join territory using (territory_id)
where spans.until_on is null;

create temp table customer_age as
select
    account_id,
    acquired_on,
    fiscal_year,
    crm_user_id,
    region,
    industry,
    acquisition_method,
    unnest(
        [
            {'age_months': 12, 'revenue_amount': revenue_12, 'gross_margin_amount': margin_12},
            {'age_months': 24, 'revenue_amount': revenue_24, 'gross_margin_amount': margin_24},
            {'age_months': 36, 'revenue_amount': revenue_36, 'gross_margin_amount': margin_36},
            {'age_months': null, 'revenue_amount': revenue_to_date, 'gross_margin_amount': margin_to_date}
        ],
        recursive := true
    )
from customer;

create temp table holder_value as
with
    pieces as (
        select
            'year' as reading,
            cast(null as integer) as age_months,
            cast(year(day_on) as integer) as fiscal_year,
            crm_user_id,
            day_on,
            revenue_amount,
            gross_margin_amount,
            0 as customers_acquired,
            cast(null as date) as acquired_on
        from sale_day
        union all
        select 'cohort', age_months, fiscal_year, crm_user_id, acquired_on, sum(revenue_amount), sum(gross_margin_amount), count(*), acquired_on
        from customer_age
        group by all
        union all
        select
            'book',
            null,
            year(month_on),
            owner_crm_user_id,
            last_day_of(month_on),
            sum(realised_ltv_amount),
            sum(realised_margin_amount),
            0,
            null
        from fct_customer_value
        where is_over
        group by all
    ),
    grouped as (
        select pieces.*, spans.team_id, spans.manager_crm_user_id, rep.territory_id
        from pieces
        asof join rep_span as spans on pieces.crm_user_id = spans.crm_user_id and pieces.day_on >= spans.since_on
        inner join rep on pieces.crm_user_id = rep.crm_user_id
    ),
    held as (
        select
            case grouping(crm_user_id, team_id, manager_crm_user_id, territory_id)
                when 7 then 'rep' when 11 then 'team' when 13 then 'manager' when 14 then 'territory' else 'company'
            end as holder_type,
            coalesce(crm_user_id, team_id, manager_crm_user_id, territory_id, 'company') as holder_id,
            reading,
            fiscal_year,
            age_months,
            sum(revenue_amount) as revenue_amount,
            sum(gross_margin_amount) as gross_margin_amount,
            sum(customers_acquired) as customers_acquired,
            max(acquired_on) as last_acquired_on
        from grouped
        group by
            grouping sets (
                (reading, fiscal_year, age_months, crm_user_id),
                (reading, fiscal_year, age_months, team_id),
                (reading, fiscal_year, age_months, manager_crm_user_id),
                (reading, fiscal_year, age_months, territory_id),
                (reading, fiscal_year, age_months)
            )
    )
from held
union all
select holder_type, holder_id, 'career', null, null, sum(revenue_amount), sum(gross_margin_amount), sum(customers_acquired), max(last_acquired_on)
from held
where reading = 'cohort' and age_months is null
group by all;

create temp table holder_cost as
with
    monthly as (
        select crm_user_id, last_day_of(month_on) as day_on, cast(year(month_on) as integer) as fiscal_year, sum(cost_amount) as cost_amount
        from fct_rep_cost
        where month_on < getvariable('as_of')
        group by all
    ),
    grouped as (
        select monthly.*, spans.team_id, spans.manager_crm_user_id, rep.territory_id
        from monthly
        asof join rep_span as spans on monthly.crm_user_id = spans.crm_user_id and monthly.day_on >= spans.since_on
        inner join rep on monthly.crm_user_id = rep.crm_user_id
    )
select
    case grouping(crm_user_id, team_id, manager_crm_user_id, territory_id)
        when 7 then 'rep' when 11 then 'team' when 13 then 'manager' when 14 then 'territory' else 'company'
    end as holder_type,
    coalesce(crm_user_id, team_id, manager_crm_user_id, territory_id, 'company') as holder_id,
    fiscal_year,
    sum(cost_amount) as cost_amount
from grouped
group by
    grouping sets (
        (fiscal_year, crm_user_id),
        (fiscal_year, team_id),
        (fiscal_year, manager_crm_user_id),
        (fiscal_year, territory_id),
        (fiscal_year),
        (crm_user_id),
        (team_id),
        (manager_crm_user_id),
        (territory_id),
        ()
    );

-- What nobody delivered of a rep's full cost; null: over all years.
create temp table missing as
with
    parts as (select unnest(['base', 'commission', 'bonus', 'taxes', 'benefits', 'expenses', 'tools', 'overhead', 'management']) as component, generate_subscripts(range(9), 1) as place),
    years as (select distinct cast(year(month_on) as integer) as fiscal_year from fct_rep_cost where month_on < getvariable('as_of')),
    there as (
        select distinct cast(year(month_on) as integer) as fiscal_year, component
        from fct_rep_cost
        where month_on < getvariable('as_of')
    ),
    absent as (select years.fiscal_year, parts.* from years cross join parts anti join there using (fiscal_year, component))
select years.fiscal_year, string_agg(absent.component, ', ' order by absent.place) as cost_components_missing
from years
left join absent using (fiscal_year)
group by all
union all
select null, string_agg(component, ', ' order by place)
from (select distinct component, place from absent);

create temp table value_reading as
with
    holder_years as (
        select holder_type, holder_id, fiscal_year from holder_cost where fiscal_year is not null
        union
        select holder_type, holder_id, fiscal_year from holder_value where fiscal_year is not null
    ),
    readings as (
        from (values ('year', null), ('book', null), ('cohort', 12), ('cohort', 24), ('cohort', 36), ('cohort', null)) as readings(reading, age_months)
    ),
    frame as (
        from holder_years, readings
        union all
        select distinct holder_type, holder_id, cast(null as integer), 'career', cast(null as integer)
        from holder_years
    ),
    measured as (
        select
            frame.*,
            measures.value_measure,
            coalesce(if(measures.value_measure = 'revenue', sums.revenue_amount, sums.gross_margin_amount), 0) as summed_amount,
            coalesce(sums.revenue_amount, 0) as revenue_amount,
            coalesce(sums.customers_acquired, 0) as customers_acquired,
            coalesce(sums.last_acquired_on, make_date(frame.fiscal_year + 1, 1, 1)) as last_acquired_on,
            coalesce(costs.cost_amount, 0) as cost_amount
        from frame
        cross join (values ('revenue'), ('gross_margin')) as measures(value_measure)
        left join holder_value as sums
            on frame.holder_type = sums.holder_type
            and frame.holder_id = sums.holder_id
            and frame.reading = sums.reading
            and frame.fiscal_year is not distinct from sums.fiscal_year
            and frame.age_months is not distinct from sums.age_months
        left join holder_cost as costs
            on frame.holder_type = costs.holder_type
            and frame.holder_id = costs.holder_id
            and frame.fiscal_year is not distinct from costs.fiscal_year
    )
select
    holder_type,
    holder_id,
    reading,
    measured.fiscal_year,
    age_months,
    'as_sold' as lens,
    'nominal' as basis,
    value_measure,
    'actual' as cost_basis,
    cast(if(reading = 'year', revenue_amount, null) as decimal(18, 4)) as revenue_amount,
    cast(if(reading = 'year', revenue_amount, null) as decimal(18, 4)) as tcv_amount,
    cast(if(reading in ('cohort', 'career'), customers_acquired, null) as integer) as customers_acquired,
    if(reading in ('cohort', 'career'), 0, null) as left_censored_customers,
    if(age_months is null, null, last_acquired_on + to_months(age_months) <= getvariable('as_of')) as is_mature,
    cast(if(reading = 'book', twelfth(summed_amount), summed_amount) as decimal(18, 4)) as value_amount,
    if(reading in ('cohort', 'career'), value_amount, null) as realised_ltv_amount,
    cast(null as decimal(18, 4)) as projected_ltv_amount,
    cast(null as decimal(18, 4)) as projected_ltv_low_amount,
    cast(null as decimal(18, 4)) as projected_ltv_high_amount,
    cast(cost_amount as decimal(18, 4)) as cost_amount,
    cast(value_amount - measured.cost_amount as decimal(18, 4)) as net_value_amount,
    ratio_of(value_amount, measured.cost_amount) as value_ratio,
    cast(null as double) as projected_value_ratio,
    missing.cost_components_missing,
    cast(null as varchar) as quality_grade
from measured
left join missing on measured.fiscal_year is not distinct from missing.fiscal_year;

-- Answers.

create table rep_value as
select readings.holder_id as crm_user_id, readings.* exclude (holder_type, holder_id), rep.employee_number, rep.rep_name
from value_reading as readings
inner join rep on readings.holder_id = rep.crm_user_id
where readings.holder_type = 'rep';

create table group_value as
with
    names as (
        select 'team' as holder_type, team_id as holder_id, max(team_name) as group_name from rep_span group by team_id
        union all
        select 'manager', crm_user_id, rep_name from rep
        union all
        select 'manager', 'unknown', 'unknown'
        union all
        select 'territory', territory_id, territory_name from territory
        union all
        select 'company', 'company', 'Benchmark Company'
    )
select readings.holder_type as group_type, readings.holder_id as group_id, readings.* exclude (holder_type, holder_id), names.group_name
from value_reading as readings
inner join names using (holder_type, holder_id);

create table segment_value as
with
    sold as (
        select
            case grouping(region, industry, acquisition_method) when 3 then 'region' when 5 then 'industry' else 'acquisition_method' end as segment_type,
            coalesce(region, industry, acquisition_method) as segment,
            crm_user_id,
            fiscal_year,
            sum(revenue_amount) as revenue_amount,
            sum(gross_margin_amount) as gross_margin_amount
        from (
            select
                territory.territory_name as region,
                customer.industry,
                customer.acquisition_method,
                lines.crm_user_id,
                lines.fiscal_year,
                lines.revenue_amount,
                lines.gross_margin_amount
            from fct_order_line as lines
            inner join customer using (account_id)
            inner join territory on lines.territory_id = territory.territory_id
            where lines.ordered_on < getvariable('as_of')
        )
        group by
            grouping sets ((region, crm_user_id, fiscal_year), (industry, crm_user_id, fiscal_year), (acquisition_method, crm_user_id, fiscal_year))
    ),
    -- A rep-year's cost goes where the revenue of that year came from, to the last ten-thousandth (largest remainder).
    weighted as (
        select
            kinds.segment_type,
            coalesce(sold.segment, 'unknown') as segment,
            costs.holder_id as crm_user_id,
            costs.fiscal_year,
            units(costs.cost_amount) as cost,
            coalesce(units(sold.revenue_amount), 10000) as weight,
            sum(weight) over (partition by kinds.segment_type, costs.holder_id, costs.fiscal_year) as weights
        from holder_cost as costs
        cross join (values ('region'), ('industry'), ('acquisition_method')) as kinds(segment_type)
        left join (from sold where revenue_amount > 0) as sold
            on kinds.segment_type = sold.segment_type
            and costs.holder_id = sold.crm_user_id
            and costs.fiscal_year = sold.fiscal_year
        where costs.holder_type = 'rep' and costs.fiscal_year is not null
    ),
    shared as (
        select
            *,
            cost * weight // cast(weights as hugeint) as share,
            row_number() over (partition by segment_type, crm_user_id, fiscal_year order by cost * weight % cast(weights as hugeint) desc, segment) as place,
            cost - sum(share) over (partition by segment_type, crm_user_id, fiscal_year) as left_over
        from weighted
    ),
    costs as (
        select
            segment_type,
            segment,
            fiscal_year,
            cast(sum(share + if(place <= left_over, 1, 0)) as decimal(28, 0)) * 0.0001 as cost_amount
        from shared
        group by all
    ),
    won as (
        select
            case grouping(region, industry, acquisition_method) when 3 then 'region' when 5 then 'industry' else 'acquisition_method' end as segment_type,
            coalesce(region, industry, acquisition_method) as segment,
            fiscal_year,
            age_months,
            sum(revenue_amount) as revenue_amount,
            sum(gross_margin_amount) as gross_margin_amount,
            count(*) as customers_acquired,
            max(acquired_on) as last_acquired_on
        from customer_age
        group by
            grouping sets ((region, fiscal_year, age_months), (industry, fiscal_year, age_months), (acquisition_method, fiscal_year, age_months))
    ),
    sums as (
        select
            segment_type,
            segment,
            fiscal_year,
            'year' as reading,
            cast(null as integer) as age_months,
            sum(revenue_amount) as revenue_amount,
            sum(gross_margin_amount) as gross_margin_amount
        from sold
        group by all
        union all
        select segment_type, segment, fiscal_year, 'cohort', age_months, revenue_amount, gross_margin_amount
        from won
    ),
    years as (
        select segment_type, segment, fiscal_year from sums
        union
        select segment_type, segment, fiscal_year from costs
    ),
    readings as (from (values ('year', null), ('cohort', 12), ('cohort', 24), ('cohort', 36), ('cohort', null)) as readings(reading, age_months)),
    yearly as (
        select
            years.*,
            readings.*,
            coalesce(sums.revenue_amount, 0) as revenue_amount,
            coalesce(sums.gross_margin_amount, 0) as gross_margin_amount,
            coalesce(costs.cost_amount, 0) as cost_amount,
            coalesce(won.customers_acquired, 0) as customers_acquired,
            coalesce(won.last_acquired_on, make_date(years.fiscal_year + 1, 1, 1)) as last_acquired_on
        from years
        cross join readings
        left join sums
            on years.segment_type = sums.segment_type
            and years.segment = sums.segment
            and years.fiscal_year = sums.fiscal_year
            and readings.reading = sums.reading
            and readings.age_months is not distinct from sums.age_months
        left join costs
            on years.segment_type = costs.segment_type
            and years.segment = costs.segment
            and years.fiscal_year = costs.fiscal_year
        left join won
            on years.segment_type = won.segment_type
            and years.segment = won.segment
            and years.fiscal_year = won.fiscal_year
            and won.age_months is null
    ),
    all_years as (
        from yearly
        union all
        select segment_type, segment, null, 'career', null, sum(revenue_amount), sum(gross_margin_amount), sum(cost_amount), sum(customers_acquired), null
        from yearly
        where reading = 'cohort' and age_months is null
        group by all
    )
select
    segment_type,
    segment,
    reading,
    fiscal_year,
    age_months,
    'as_sold' as lens,
    'nominal' as basis,
    value_measure,
    cast(if(reading = 'year', revenue_amount, null) as decimal(18, 4)) as revenue_amount,
    cast(customers_acquired as integer) as customers_acquired,
    if(age_months is null, null, last_acquired_on + to_months(age_months) <= getvariable('as_of')) as is_mature,
    cast(if(value_measure = 'revenue', all_years.revenue_amount, gross_margin_amount) as decimal(18, 4)) as value_amount,
    if(reading = 'year', null, value_amount) as realised_ltv_amount,
    cast(cost_amount as decimal(18, 4)) as cost_amount,
    ratio_of(value_amount, all_years.cost_amount) as value_ratio
from all_years
cross join (values ('revenue'), ('gross_margin')) as measures(value_measure);

create table customer_lifetime_value as
select
    account_id,
    account_name,
    acquired_on,
    'inferred' as acquisition_basis,
    crm_user_id as acquiring_crm_user_id,
    industry,
    region,
    acquisition_method,
    cast(revenue_to_date as decimal(18, 4)) as realised_ltv_amount,
    cast(margin_to_date as decimal(18, 4)) as realised_margin_amount,
    cast(null as decimal(18, 4)) as projected_ltv_amount,
    cast(null as decimal(18, 4)) as projected_ltv_low_amount,
    cast(null as decimal(18, 4)) as projected_ltv_high_amount
from customer;

create table goal_attainment as
with
    goals as (
        select
            * replace (
                cast(period_start_on as date) as period_start_on,
                cast(period_end_on as date) as period_end_on,
                cast(target_amount as decimal(18, 4)) as target_amount
            )
        from delivered('plans/goal')
    ),
    reached as (
        select goals.goal_id, total(sale_day.revenue_amount) as actual_amount
        from goals
        left join sale_day
            on goals.owner_id = sale_day.crm_user_id and sale_day.day_on >= goals.period_start_on and sale_day.day_on < goals.period_end_on
        group by all
    )
select
    goals.goal_id,
    cast(goals.goal_version as integer) as goal_version,
    'as_sold' as lens,
    goals.owner_type,
    goals.owner_id as crm_user_id,
    rep.rep_name as owner_name,
    goals.metric,
    goals.period_start_on,
    goals.period_end_on,
    cast(goals.set_on as date) as set_on,
    goals.target_amount,
    reached.actual_amount,
    round(100 * cast(reached.actual_amount as double) / cast(goals.target_amount as double), 6) as attainment_pct,
    cast(null as double) as probability_when_set
from goals
inner join reached using (goal_id)
inner join rep on goals.owner_id = rep.crm_user_id;

create table company_revenue as
select
    fiscal_year, channel, 'nominal' as basis, total(revenue_amount) as revenue_amount, cast(count(distinct order_id) as integer) as order_count
from fct_order_line
where ordered_on < getvariable('as_of')
group by all;
