-- Every published AdventureWorks figure, computed a second time: straight from the CSV files, from the definitions alone.
-- It shares nothing with the dbt models; where the two differ, one of them breaks a rule named here.
-- Run by `adventureworks_oracle.py`, which sets the variable `data` to the folder of the files.
-- Money is exact until the last step: a cost is kept times 365 (pay is rate x 2,080 / 365 a day), divided only in the answers.
set variable as_of = date '2014-07-01';


create macro csv(file) as table
select * from read_csv(getvariable('data') || '/' || file || '.csv', all_varchar = true, header = true)
;


-- ---------------------------------------------------------------------------------------------------------------------
-- What happened
-- ---------------------------------------------------------------------------------------------------------------------
-- Revenue is SubTotal, one line an order. Without SalesPersonID the seller is unknown and the channel online, whatever OnlineOrderFlag says.
create table sale as
select
    sales_order.SalesOrderID::bigint as order_id,
    sales_order.CustomerID as account_id,
    sales_order.OrderDate::date as ordered_on,
    year(sales_order.OrderDate::date) as fiscal_year,
    coalesce(sales_order.SalesPersonID, 'unknown') as seller_id,
    case when sales_order.SalesPersonID is null then 'online' else 'rep' end as channel,
    territory.Name as region,
    sales_order.SubTotal::decimal(18, 4) as amount,
from csv('SalesOrderHeader') as sales_order
left join csv('SalesTerritory') as territory using (TerritoryID)
;


-- Whose seat a territory is. EndDate is the last day of it, so that the two reps who swap on 2012-11-30 leave no day between.
-- No figure hangs on it: no order and no month end falls on the last day of a seat.
create table seat as
select
    history.BusinessEntityID as rep_id,
    history.TerritoryID as territory_id,
    history.StartDate::date as from_on,
    coalesce(history.EndDate::date + 1, date '9999-12-31') as to_on,
from csv('SalesTerritoryHistory') as history
;


create table rep as
select sales_person.BusinessEntityID as rep_id, split_part(employee.LoginID, '\', 2) as rep_name,
from csv('SalesPerson') as sales_person
left join csv('Employee') as employee using (BusinessEntityID)
;


-- An account is won by its first order (tie: lowest SalesOrderID): by that order's rep, or by nobody when it is online, for no account buys both ways.
-- Left-censored: won within 12 months of the first order on file, for no account has a creation date.
-- Method of an online account: the reason of its first order, Marketing before Promotion before Other, then the lowest id.
create table account as
with
    first_sale as (
        select distinct on (account_id) *
        from sale
        order by account_id, ordered_on, order_id
    ),

    first_reason as (
        select distinct on (link.SalesOrderID) link.SalesOrderID::bigint as order_id, reason.Name as reason_name,
        from csv('SalesOrderHeaderSalesReason') as link
        inner join csv('SalesReason') as reason using (SalesReasonID)
        order by link.SalesOrderID, list_position(['Marketing', 'Promotion', 'Other'], reason.ReasonType), link.SalesReasonID::int
    )

select
    first_sale.account_id,
    store.Name as store_name,
    first_sale.ordered_on as acquired_on,
    first_sale.fiscal_year,
    case
        when first_sale.ordered_on < (select min(ordered_on) from sale) + interval 12 month then 'left_censored' else 'inferred'
    end as acquisition_basis,
    first_sale.seller_id as acquirer_id,
    coalesce(regexp_extract(store.Demographics, '<Specialty>([^<]+)</Specialty>', 1), 'unknown') as industry,
    first_sale.region,
    case when first_sale.channel = 'rep' then 'sales rep' else coalesce(first_reason.reason_name, 'unknown') end as acquisition_method,
from first_sale
left join first_reason using (order_id)
left join csv('Customer') as customer on customer.CustomerID = first_sale.account_id
left join csv('Store') as store on store.BusinessEntityID = customer.StoreID
;


-- Pay is earned every calendar day from its rate's date up to the next one, the last up to and including 2014-06-30. A rep's commission is the one
-- CommissionPct on the revenue of the rep's own orders. Bonus has no date and is left out. Only the people of SalesPerson are reps.
create table rep_cost as
with
    rate as (
        select
            pay.BusinessEntityID as rep_id,
            pay.Rate::decimal(18, 4) as hourly,
            pay.RateChangeDate::timestamp::date as from_on,
            coalesce(
                lead(pay.RateChangeDate::timestamp::date) over (partition by pay.BusinessEntityID order by pay.RateChangeDate::timestamp), date '2014-07-01'
            ) as to_on,
        from csv('EmployeePayHistory') as pay
        inner join rep on rep.rep_id = pay.BusinessEntityID
    ),

    base as (
        select rep_id, date_trunc('month', day)::date as month_on, sum(hourly * 2080)::decimal(38, 7) as amount_365,
        from rate, unnest(generate_series(from_on, to_on - 1, interval 1 day)) as days(day)
        group by all
    ),

    commission as (
        select
            sale.seller_id as rep_id,
            date_trunc('month', sale.ordered_on)::date as month_on,
            sum(sale.amount * sales_person.CommissionPct::decimal(9, 3) * 365)::decimal(38, 7) as amount_365,
        from sale
        inner join csv('SalesPerson') as sales_person on sales_person.BusinessEntityID = sale.seller_id
        group by all
    )

select rep_id, month_on, year(month_on) as fiscal_year, 'base' as component, amount_365, from base
union all
select rep_id, month_on, year(month_on), 'commission', amount_365, from commission
where amount_365 <> 0
;


-- The realised value and the owner of each account at each month end. The owner is the rep of the last order (tie: highest SalesOrderID).
create table holding as
with
    state as (
        select
            account_id,
            seller_id as owner_id,
            ordered_on,
            sum(amount) over running as ltv,
            coalesce(lead(ordered_on) over running, date '9999-12-31') as next_ordered_on,
        from sale
        window running as (partition by account_id order by ordered_on, order_id rows between unbounded preceding and current row)
    ),

    month_end as (
        select month_end_on::date as month_end_on, year(month_end_on - interval 1 day) as fiscal_year,
        from unnest(generate_series(date '2011-06-01', getvariable('as_of'), interval 1 month)) as months(month_end_on)
    )

select month_end.month_end_on, month_end.fiscal_year, state.account_id, state.owner_id, state.ltv,
from month_end
inner join state on state.ordered_on < month_end.month_end_on and state.next_ordered_on >= month_end.month_end_on
;


-- The realised value of each account at each age; no age is up to the as-of date.
create table account_age as
select
    account.account_id,
    ages.age_months,
    sum(sale.amount) filter (
        sale.ordered_on < getvariable('as_of')
        and (ages.age_months is null or sale.ordered_on < account.acquired_on + to_months(ages.age_months))
    ) as ltv,
    account.acquired_on + to_months(ages.age_months) <= getvariable('as_of') as is_mature,
from account
cross join (values (12), (24), (36), (null)) as ages(age_months)
inner join sale using (account_id)
group by all
;


-- ---------------------------------------------------------------------------------------------------------------------
-- The same events, told of each unit: the rep, the company, and the territory whose seat the rep held then (none: unknown)
-- ---------------------------------------------------------------------------------------------------------------------
create macro units(who, territory) as
    [{'unit_type': 'rep', 'unit_id': who}, {'unit_type': 'territory', 'unit_id': coalesce(territory, 'unknown')}, {'unit_type': 'company', 'unit_id': 'company'}]
;


-- Revenue: the territory on the day of the sale.
create table unit_revenue as
select unnest(units(sale.seller_id, seat.territory_id), recursive := true), sale.fiscal_year, sale.amount,
from sale
left join seat on seat.rep_id = sale.seller_id and sale.ordered_on >= seat.from_on and sale.ordered_on < seat.to_on
;


-- Cost: the territory on the last day of the month.
create table unit_cost as
select unnest(units(rep_cost.rep_id, seat.territory_id), recursive := true), rep_cost.fiscal_year, rep_cost.amount_365,
from rep_cost
left join seat on seat.rep_id = rep_cost.rep_id and last_day(rep_cost.month_on) >= seat.from_on and last_day(rep_cost.month_on) < seat.to_on
;


-- Acquisition: the territory of the acquirer on the day the account was won, fixed for ever.
create table unit_account as
select
    unnest(units(account.acquirer_id, seat.territory_id), recursive := true),
    account.fiscal_year,
    account.account_id,
    account.acquisition_basis,
from account
left join seat on seat.rep_id = account.acquirer_id and account.acquired_on >= seat.from_on and account.acquired_on < seat.to_on
;


-- Book: the territory of the owner on the last day of the month.
create table unit_book as
select unnest(units(holding.owner_id, seat.territory_id), recursive := true), holding.fiscal_year, holding.ltv,
from holding
left join seat on seat.rep_id = holding.owner_id and holding.month_end_on - 1 >= seat.from_on and holding.month_end_on - 1 < seat.to_on
;


-- ---------------------------------------------------------------------------------------------------------------------
-- The answers
-- ---------------------------------------------------------------------------------------------------------------------
-- rep_value and group_value: the four readings of each unit. A unit-year with revenue, cost, an acquisition or a book has a row in each yearly reading.
create table expected_value as
with
    unit_year as (
        select unit_type, unit_id, fiscal_year, from unit_revenue
        union
        select unit_type, unit_id, fiscal_year, from unit_cost
        union
        select unit_type, unit_id, fiscal_year, from unit_account
        union
        select unit_type, unit_id, fiscal_year, from unit_book
    ),

    year_cost as (
        select unit_type, unit_id, fiscal_year, sum(amount_365) as amount_365, from unit_cost group by all
    ),

    year_reading as (
        select unit_type, unit_id, fiscal_year, sum(amount) as value, from unit_revenue group by all
    ),

    -- Divided by 12 always, also in a year of which fewer month ends are known.
    book_reading as (
        select unit_type, unit_id, fiscal_year, sum(ltv) / 12 as value, from unit_book group by all
    ),

    -- Mature once every account has the age; without accounts, once the year's end has it.
    cohort_reading as (
        select
            unit_year.unit_type,
            unit_year.unit_id,
            unit_year.fiscal_year,
            ages.age_months,
            count(unit_account.account_id) as customers_acquired,
            count(*) filter (unit_account.acquisition_basis = 'left_censored') as left_censored_customers,
            case
                when count(unit_account.account_id) > 0 then bool_and(account_age.is_mature)
                else make_date(unit_year.fiscal_year + 1, 1, 1) + to_months(ages.age_months) <= getvariable('as_of')
            end as is_mature,
            coalesce(sum(account_age.ltv), 0) as value,
        from unit_year
        cross join (values (12), (24), (36), (null)) as ages(age_months)
        left join unit_account using (unit_type, unit_id, fiscal_year)
        left join account_age on account_age.account_id = unit_account.account_id and account_age.age_months is not distinct from ages.age_months
        group by unit_year.unit_type, unit_year.unit_id, unit_year.fiscal_year, ages.age_months
    ),

    career_reading as (
        select
            unit_type,
            unit_id,
            sum(customers_acquired) as customers_acquired,
            sum(left_censored_customers) as left_censored_customers,
            sum(value) as value,
        from cohort_reading
        where age_months is null
        group by all
    ),

    career_cost as (
        select unit_type, unit_id, sum(amount_365) as amount_365, from unit_cost group by all
    ),

    reading as (
        select 'year' as reading, unit_year.*, null as age_months, null as customers_acquired, null as left_censored_customers, null as is_mature,
            value, amount_365,
        from unit_year left join year_reading using (unit_type, unit_id, fiscal_year) left join year_cost using (unit_type, unit_id, fiscal_year)
        union all by name
        select 'book' as reading, unit_year.*, value, amount_365,
        from unit_year left join book_reading using (unit_type, unit_id, fiscal_year) left join year_cost using (unit_type, unit_id, fiscal_year)
        union all by name
        select 'cohort' as reading, cohort_reading.*, amount_365,
        from cohort_reading left join year_cost using (unit_type, unit_id, fiscal_year)
        union all by name
        select 'career' as reading, career_reading.*, amount_365,
        from career_reading left join career_cost using (unit_type, unit_id)
    )

select
    unit_type,
    unit_id,
    reading,
    fiscal_year,
    age_months,
    case when reading = 'year' then coalesce(value, 0) end as revenue_amount,
    customers_acquired,
    left_censored_customers,
    is_mature,
    case when reading in ('cohort', 'career') then value end as realised_ltv_amount,
    coalesce(value, 0) as value_amount,
    coalesce(amount_365, 0) / 365 as cost_amount,
    coalesce(value, 0) - coalesce(amount_365, 0) / 365 as net_value_amount,
    case when amount_365 <> 0 then round(coalesce(value, 0) / (amount_365 / 365), 6) end as value_ratio,
    'bonus, taxes, benefits, expenses, tools, overhead, management' as cost_components_missing,
from reading
;


create table expected_rep_value as
select
    expected_value.unit_id as crm_user_id,
    case when expected_value.unit_id <> 'unknown' then expected_value.unit_id end as employee_number,
    rep.rep_name,
    expected_value.* exclude (unit_type, unit_id),
from expected_value
left join rep on rep.rep_id = expected_value.unit_id
where expected_value.unit_type = 'rep'
;


create table expected_group_value as
select
    expected_value.unit_type as group_type,
    expected_value.unit_id as group_id,
    territory.Name as group_name,
    expected_value.* exclude (unit_type, unit_id),
from expected_value
left join csv('SalesTerritory') as territory on expected_value.unit_type = 'territory' and territory.TerritoryID = expected_value.unit_id
where expected_value.unit_type <> 'rep'
;


-- segment_value: revenue by the order's region and the account's industry and method; an account's cohort by the region that won it.
-- A rep-year's cost is split by the rep's revenue of that year in each segment, unknown if none.
create table expected_segment_value as
with
    segment_sale as (
        select
            sale.seller_id,
            sale.fiscal_year,
            sale.amount,
            unnest([
                {'segment_type': 'region', 'segment': sale.region},
                {'segment_type': 'industry', 'segment': account.industry},
                {'segment_type': 'acquisition_method', 'segment': account.acquisition_method}
            ], recursive := true),
        from sale
        inner join account using (account_id)
    ),

    segment_account as (
        select
            account_id,
            fiscal_year,
            unnest([
                {'segment_type': 'region', 'segment': region},
                {'segment_type': 'industry', 'segment': industry},
                {'segment_type': 'acquisition_method', 'segment': acquisition_method}
            ], recursive := true),
        from account
    ),

    year_revenue as (
        select segment_type, segment, fiscal_year, sum(amount) as revenue, from segment_sale group by all
    ),

    rep_segment_share as (
        select
            seller_id as rep_id,
            fiscal_year,
            segment_type,
            segment,
            sum(amount) / sum(sum(amount)) over (partition by seller_id, fiscal_year, segment_type) as share,
        from segment_sale
        group by seller_id, fiscal_year, segment_type, segment
    ),

    rep_year_cost as (
        select rep_id, fiscal_year, segment_type, sum(amount_365) as amount_365,
        from rep_cost
        cross join (values ('region'), ('industry'), ('acquisition_method')) as types(segment_type)
        group by all
    ),

    year_cost as (
        select
            rep_year_cost.segment_type,
            coalesce(rep_segment_share.segment, 'unknown') as segment,
            rep_year_cost.fiscal_year,
            sum(rep_year_cost.amount_365 * coalesce(rep_segment_share.share, 1)) / 365 as cost,
        from rep_year_cost
        left join rep_segment_share using (rep_id, fiscal_year, segment_type)
        group by all
    ),

    segment_year as (
        select segment_type, segment, fiscal_year, from year_revenue
        union
        select segment_type, segment, fiscal_year, from year_cost
        union
        select segment_type, segment, fiscal_year, from segment_account
    ),

    cohort as (
        select
            segment_year.segment_type,
            segment_year.segment,
            segment_year.fiscal_year,
            ages.age_months,
            count(segment_account.account_id) as customers_acquired,
            case
                when count(segment_account.account_id) > 0 then bool_and(account_age.is_mature)
                else make_date(segment_year.fiscal_year + 1, 1, 1) + to_months(ages.age_months) <= getvariable('as_of')
            end as is_mature,
            coalesce(sum(account_age.ltv), 0) as ltv,
        from segment_year
        cross join (values (12), (24), (36), (null)) as ages(age_months)
        left join segment_account using (segment_type, segment, fiscal_year)
        left join account_age on account_age.account_id = segment_account.account_id and account_age.age_months is not distinct from ages.age_months
        group by segment_year.segment_type, segment_year.segment, segment_year.fiscal_year, ages.age_months
    ),

    reading as (
        select 'year' as reading, segment_year.*, null as age_months, cohort.customers_acquired, revenue, null as ltv, cost,
        from segment_year
        left join year_revenue using (segment_type, segment, fiscal_year)
        left join year_cost using (segment_type, segment, fiscal_year)
        inner join cohort using (segment_type, segment, fiscal_year)
        where cohort.age_months is null
        union all by name
        select 'cohort' as reading, cohort.*, cost,
        from cohort
        left join year_cost using (segment_type, segment, fiscal_year)
        union all by name
        select 'career' as reading, segment_type, segment, sum(customers_acquired) as customers_acquired, sum(ltv) as ltv, sum(cost) as cost,
        from cohort
        left join year_cost using (segment_type, segment, fiscal_year)
        where age_months is null
        group by all
    )

select
    segment_type,
    segment,
    reading,
    fiscal_year,
    age_months,
    case when reading = 'year' then coalesce(revenue, 0) end as revenue_amount,
    customers_acquired,
    is_mature,
    ltv as realised_ltv_amount,
    coalesce(cost, 0) as cost_amount,
    case when cost <> 0 then round(case when reading = 'year' then coalesce(revenue, 0) else ltv end / cost, 6) end as value_ratio,
from reading
;


-- goal_attainment: a quota holds from its date to the rep's next one, the last to 2014-06-01.
create table expected_goal_attainment as
with
    quota as (
        select
            BusinessEntityID as crm_user_id,
            QuotaDate::timestamp::date as period_start_on,
            coalesce(lead(QuotaDate::timestamp::date) over (partition by BusinessEntityID order by QuotaDate::timestamp), date '2014-06-01') as period_end_on,
            SalesQuota::decimal(18, 4) as target_amount,
        from csv('SalesPersonQuotaHistory')
    )

select
    quota.*,
    'rep' as owner_type,
    'revenue' as metric,
    coalesce(sum(sale.amount), 0) as actual_amount,
    case when quota.target_amount <> 0 then round(coalesce(sum(sale.amount), 0) / quota.target_amount * 100, 6) end as attainment_pct,
from quota
left join sale
    on sale.seller_id = quota.crm_user_id
    and sale.ordered_on >= quota.period_start_on
    and sale.ordered_on < quota.period_end_on
group by quota.crm_user_id, quota.period_start_on, quota.period_end_on, quota.target_amount
;


create table expected_customer_lifetime_value as
select
    account.account_id,
    account.store_name as account_name,
    account.acquired_on,
    account.acquisition_basis,
    nullif(account.acquirer_id, 'unknown') as acquiring_crm_user_id,
    account.industry,
    account.region,
    account.acquisition_method,
    sum(sale.amount) as realised_ltv_amount,
from account
inner join sale using (account_id)
where sale.ordered_on < getvariable('as_of')
group by all
;


create table expected_company_revenue as
select fiscal_year, channel, 'nominal' as basis, sum(amount) as revenue_amount, count(*) as order_count,
from sale
group by all
;


create table expected_rep_cost as
select
    rep_id as crm_user_id,
    rep_id as employee_number,
    month_on,
    component,
    'USD' as currency,
    amount_365 / 365 as cost_amount,
    amount_365 / 365 as cost_local_amount,
from rep_cost
;


-- fct_credit under the policy `acquirer`: all of a line goes to the account's acquirer; without one it stays with the unknown member.
create table expected_credit as
select
    sale.order_id::varchar as order_line_id,
    account.acquirer_id as crm_user_id,
    sale.ordered_on as credited_on,
    case when account.acquirer_id = 'unknown' then 'no acquirer' else 'acquirer' end as reason,
    sale.amount as credited_amount,
from sale
inner join account using (account_id)
;
