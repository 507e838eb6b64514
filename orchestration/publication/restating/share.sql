-- Where each step of a line stands, and whose it is.
--
-- A trace is a sum over lines that is 0 where a cause takes out of a cell what it puts in: it did nothing there,
-- whatever it did elsewhere. One is of the lines as they stand, amounts and all, the other of which lines they are.
create macro trace(line) as cast(hash(line) >> 33 as bigint);

create temp table placed as
select
    signed.*,
    sign * trace(row(signed.order_line_id, signed.basis, signed.kind, signed.revenue_amount,
        signed.gross_margin_amount, signed.touched_amount)) as trace,
    sign * trace(row(signed.order_line_id, signed.kind)) as place_trace,
    closed.month_on is not null as is_closed,
    -- What is paid for a line that nobody knows is no customer's.
    coalesce(customers.acquirer, 'unknown') as acquirer,
    customers.acquired_on,
    coalesce(customers.acquired_year, signed.fiscal_year) as acquired_year,
    coalesce(customers.industry, 'unknown') as industry,
    coalesce(customers.acquisition_method, 'unknown') as acquisition_method,
    coalesce(customers.won_region, 'unknown') as won_region,
    coalesce(nullif(territories.territory_name, 'unknown'), customers.account_region, 'unknown') as region
from signed
left join customer_side as customers on signed.account_id = customers.account_id and signed.side = customers.side
left join territory_side as territories on signed.territory_id = territories.territory_id
    and signed.side = territories.side
left join old.closed as closed on signed.ordered_on >= closed.month_on and signed.ordered_on < closed.end_on;

-- Whose it is: each seller's share of what the line makes at that step. A share keeps its part of an amount between
-- the two that were published.
create temp table shared as
select
    placed.order_line_id,
    placed.basis,
    placed.because,
    placed.is_closed,
    placed.fiscal_year,
    placed.ordered_on,
    placed.groups,
    placed.kind,
    coalesce(shares.crm_user_id, placed.crm_user_id) as crm_user_id,
    placed.sign * case
        when shares.order_line_id is null then placed.revenue_amount
        when placed.revenue_amount = whole.revenue_amount then shares.revenue_amount
        when finals.order_line_id is not null then finals.revenue_amount
        else cast(placed.revenue_amount * cast(shares.revenue_amount as double) / nullif(whole.revenue_amount, 0)
            as decimal(18, 4))
    end as revenue_amount,
    placed.sign * case
        when shares.order_line_id is null then placed.gross_margin_amount
        when placed.revenue_amount = whole.revenue_amount and finals.gross_margin_amount is null
            then shares.gross_margin_amount
        when finals.order_line_id is not null then finals.gross_margin_amount
        else cast(placed.gross_margin_amount * cast(shares.revenue_amount as double) / nullif(whole.revenue_amount, 0)
            as decimal(18, 4))
    end as gross_margin_amount,
    placed.sign * case
        when shares.order_line_id is null then placed.touched_amount
        else cast(placed.touched_amount * cast(shares.split_pct as double) / 100 as decimal(18, 4))
    end as touched_amount,
    placed.sign * trace(row(placed.sign * placed.trace, shares.split_pct)) as trace,
    placed.sign * trace(row(placed.order_line_id, placed.kind, shares.split_pct)) as place_trace
from placed
left join split as shares on placed.order_line_id = shares.order_line_id and placed.basis = shares.basis
    and placed.sellers = shares.sellers
left join whole on placed.order_line_id = whole.order_line_id and placed.basis = whole.basis
    and placed.sellers = whole.sellers
left join new_line as lines
    on placed.order_line_id = lines.order_line_id
    and placed.basis = lines.basis
    and placed.revenue_amount = lines.revenue_amount
    and placed.gross_margin_amount is not distinct from lines.gross_margin_amount
left join (
    select * from split where sellers = 'new' and order_line_id not in (select order_line_id from is_split_otherwise)
) as finals
    on lines.order_line_id = finals.order_line_id and lines.basis = finals.basis
        and shares.crm_user_id = finals.crm_user_id;

-- What the lenses that read a day read: what moved by account and year, and by the age at which the customer came to
-- it. Accounts are far fewer than lines, which differ in nothing that a lens looks at.
create temp table account_year as
select
    basis, because, is_closed, groups, side, account_id, fiscal_year, acquired_year,
    case
        when ordered_on < cast(acquired_on + to_months(12) as date) then 12
        when ordered_on < cast(acquired_on + to_months(24) as date) then 24
        when ordered_on < cast(acquired_on + to_months(36) as date) then 36
    end as age_months,
    sum(sign * revenue_amount) as revenue_amount,
    sum(sign * gross_margin_amount) as gross_margin_amount,
    sum(sign * touched_amount) as touched_amount,
    sum(trace) as trace, sum(place_trace) as place_trace
from placed
where kind = 'line'
group by 1, 2, 3, 4, 5, 6, 7, 8, 9;

-- Who owned an account at the end of a year, or owns it now, in which groups that one was that day, and in which
-- region the account is by that.
create temp table owned_year as
with
    needed as (
        select groups, side, account_id, fiscal_year from account_year
        union
        select groups, side, account_id, acquired_year from account_year where acquired_year is not null
    )
select
    needed.*, lenses.lens,
    coalesce(owners.crm_user_id, 'unknown') as crm_user_id,
    coalesce(groups.team_id, 'unknown') as team_id,
    coalesce(groups.manager_crm_user_id, 'unknown') as manager_crm_user_id,
    coalesce(groups.territory_id, 'unknown') as territory_id,
    coalesce(nullif(territories.territory_name, 'unknown'), customers.account_region, 'unknown') as region
from needed
inner join lens_day as lenses
    on lenses.lens <> 'as_sold' and needed.groups = lenses.groups and needed.fiscal_year = lenses.fiscal_year
left join owner_side as owners
    on needed.groups = owners.groups
    and needed.account_id = owners.account_id
    and lenses.read_on >= owners.valid_from_on
    and lenses.read_on < owners.valid_to_on
left join group_side as groups
    on needed.groups = groups.groups
    and owners.crm_user_id = groups.crm_user_id
    and lenses.read_on >= groups.valid_from_on
    and lenses.read_on < groups.valid_to_on
-- What a territory is called is another when who is in it is.
left join territory_side as territories
    on needed.groups = territories.side and groups.territory_id = territories.territory_id
left join customer_side as customers on needed.account_id = customers.account_id and needed.side = customers.side;

-- Sums of lines, and of the rest what somebody's value stands on.
create temp table held_kind as
select 'line' as kind
union
select unnest(list_append(kinds, if(list_contains(kinds, 'place'), 'paid_line', null)))
from cell
where table_name in ('rep_value', 'group_value', 'segment_value');

create temp table won as
select
    placed.basis, placed.because, placed.is_closed, placed.acquirer, placed.acquired_on, placed.groups,
    placed.acquired_year, ages.age_months,
    placed.won_region, placed.industry, placed.acquisition_method, placed.kind,
    sum(placed.sign * placed.revenue_amount) as revenue_amount,
    sum(placed.sign * placed.gross_margin_amount) as gross_margin_amount,
    sum(placed.sign * placed.touched_amount) as touched_amount,
    sum(placed.trace) as trace, sum(placed.place_trace) as place_trace
from placed
inner join (select unnest([12, 24, 36, null]) as age_months) as ages
    on ages.age_months is null or placed.ordered_on < cast(placed.acquired_on + to_months(ages.age_months) as date)
where placed.kind in (select kind from held_kind)
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12;
