-- Why the published figures of two publications differ, line by line. The schemas "old" and "new" hold what either publication says;
-- the variables from_as_of and to_as_of their as-of dates.
--
-- A line walks from what it was to what it is, one cause after another in a fixed order: merged, rate, corrected, re-split, moved, rule.
-- Each step takes the line out of the cells in which it stood before and puts it into those in which it stands after, so that the
-- steps add up to the whole way whatever their order.

-- Lines that say something else, or that one side lacks, or whose day has come.
create temp table affected as
select coalesce(a.order_line_id, b.order_line_id) as order_line_id
from old.odd_order_line as a
full join new.odd_order_line as b on a.order_line_id = b.order_line_id
where
    a.order_line_id is null
    or b.order_line_id is null
    or row(a.account_id, a.crm_user_id, a.territory_id, a.ordered_on, a.fiscal_year, a.channel, a.revenue_amount, a.gross_margin_amount)
    is distinct from row(b.account_id, b.crm_user_id, b.territory_id, b.ordered_on, b.fiscal_year, b.channel, b.revenue_amount, b.gross_margin_amount)
union
select order_line_id
from new.order_line
where
    ordered_on >= least(getvariable('from_as_of'), getvariable('to_as_of'))
    and ordered_on < greatest(getvariable('from_as_of'), getvariable('to_as_of'))
union
select coalesce(a.order_line_id, b.order_line_id)
from old.revenue_share as a
full join new.revenue_share as b on a.order_line_id = b.order_line_id and a.crm_user_id = b.crm_user_id
where row(a.split_pct, a.revenue_amount, a.gross_margin_amount) is distinct from row(b.split_pct, b.revenue_amount, b.gross_margin_amount);

-- Under which id somebody is shown now who was shown under another then.
create temp table alias as
select a.id_kind, a.alias_id, a.shown_id
from new.id_alias as a
anti join old.id_alias as b on a.id_kind = b.id_kind and a.alias_id = b.alias_id and a.shown_id = b.shown_id
where a.id_kind in ('account', 'crm_user');

-- What is known of a customer and of a territory: then, then under today's ids, now in the fiscal years of then, and now. Who is new has no
-- other past.
create temp table customer_side as
with
    known as (
        select * from old.customer
        union all
        select a.* from new.customer as a anti join old.customer as b on a.account_id = b.account_id
    )
select 'old' as side, * from known
union all
select 'renamed', known.* replace (coalesce(alias.shown_id, known.acquirer) as acquirer)
from known
left join alias on alias.id_kind = 'crm_user' and known.acquirer = alias.alias_id
union all
select 'moved', a.* replace (coalesce(days.fiscal_year, a.acquired_year) as acquired_year)
from new.customer as a
left join old.day as days on a.acquired_on = days.date_on
union all
select 'new', * from new.customer;

create temp table territory_side as
with
    known as (
        select * from old.territory
        union all
        select a.* from new.territory as a anti join old.territory as b on a.territory_id = b.territory_id
    )
select unnest(['old', 'renamed']) as side, * from known
union all
select unnest(['moved', 'new']), * from new.territory;

create temp table renamed_customer as
select account_id from customer_side where side = 'old' and acquirer in (select alias_id from alias where id_kind = 'crm_user');

create temp table moved_customer as
select a.account_id, a.acquired_on as acquired_before_on, b.acquired_on
from (select * from customer_side where side = 'renamed') as a
inner join (select * from customer_side where side = 'moved') as b on a.account_id = b.account_id
where
    row(a.acquirer, a.acquired_on, a.acquired_year, a.industry, a.acquisition_method, a.account_region, a.won_region)
    is distinct from row(b.acquirer, b.acquired_on, b.acquired_year, b.industry, b.acquisition_method, b.account_region, b.won_region);

create temp table ruled_customer as
select a.account_id
from (select * from customer_side where side = 'moved') as a
inner join new.customer as b on a.account_id = b.account_id
where a.acquired_year <> b.acquired_year;

create temp table moved_territory as
select a.territory_id
from territory_side as a
inner join new.territory as b on a.territory_id = b.territory_id
where a.side = 'old' and a.territory_name is distinct from b.territory_name;

insert into affected
select order_line_id
from new.order_line
where
    account_id in (select account_id from moved_customer)
    or account_id in (select account_id from renamed_customer)
    or account_id in (select account_id from ruled_customer)
union
select order_line_id from new.order_line where territory_id in (select territory_id from moved_territory);

create temp table old_line as
select * from old.order_line where order_line_id in (select order_line_id from affected) and ordered_on < getvariable('from_as_of');

create temp table new_line as
select * from new.order_line where order_line_id in (select order_line_id from affected) and ordered_on < getvariable('to_as_of');

-- Who shared a line: as told then, under today's ids, and as told now.
create temp table split as
with
    told as (
        select 'told' as sellers, a.order_line_id, a.crm_user_id, a.split_pct, a.revenue_amount, a.gross_margin_amount
        from old.revenue_share as a
        semi join old_line as b on a.order_line_id = b.order_line_id
    )
select * from told
union all
select
    'renamed', told.order_line_id, coalesce(alias.shown_id, told.crm_user_id), sum(told.split_pct), sum(told.revenue_amount),
    sum(told.gross_margin_amount)
from told
left join alias on alias.id_kind = 'crm_user' and told.crm_user_id = alias.alias_id
group by 1, 2, 3
union all
select 'new', a.order_line_id, a.crm_user_id, a.split_pct, a.revenue_amount, a.gross_margin_amount
from new.revenue_share as a
semi join new_line as b on a.order_line_id = b.order_line_id;

create temp table whole as
select order_line_id, sellers, sum(revenue_amount) as revenue_amount from split group by 1, 2;

create temp table is_split_otherwise as
select distinct coalesce(a.order_line_id, b.order_line_id) as order_line_id
from (select * from split where sellers = 'renamed') as a
full join (select * from split where sellers = 'new') as b on a.order_line_id = b.order_line_id and a.crm_user_id = b.crm_user_id
where a.split_pct is distinct from b.split_pct;

create temp table is_renamed as
select distinct told.order_line_id
from split as told
semi join alias on alias.id_kind = 'crm_user' and told.crm_user_id = alias.alias_id
where told.sellers = 'told';

-- Each line that both sides count, at each step of its way. The rate is another where the same money makes another amount; where the
-- money changed too, what the former money makes at today's rate stands between.
create temp table state as
with
    paired as (
        select
            a as o,
            b as n,
            case when a.delivered_account_id is not distinct from b.delivered_account_id then b.account_id else a.account_id end as renamed_account_id,
            case when a.delivered_crm_user_id is not distinct from b.delivered_crm_user_id then b.crm_user_id else a.crm_user_id end as renamed_crm_user_id,
            case
                when a.currency is distinct from b.currency or a.ordered_on <> b.ordered_on or a.booked_amount = 0 or b.booked_amount = 0
                then a.revenue_amount
                when a.booked_amount = b.booked_amount
                then b.revenue_amount
                when
                    abs(a.booked_amount * cast(b.revenue_amount as double) / b.booked_amount - a.revenue_amount)
                    <= 0.0001 * (1 + abs(cast(a.booked_amount as double) / b.booked_amount))
                then a.revenue_amount
                else cast(a.booked_amount * cast(b.revenue_amount as double) / b.booked_amount as decimal(18, 4))
            end as rated_amount,
            case when a.ordered_on = b.ordered_on then a.fiscal_year else b.fiscal_year end as corrected_year,
            case when renamed.order_line_id is null then 'told' else 'renamed' end as renamed_sellers,
            case when otherwise.order_line_id is null then renamed_sellers else 'new' end as split_sellers,
            -- Whoever takes in another takes over what that one was.
            case
                when b.account_id in (select shown_id from alias where id_kind = 'account')
                then 'moved'
                when a.account_id in (select account_id from renamed_customer) or b.account_id in (select account_id from renamed_customer)
                then 'renamed'
                else 'old'
            end as renamed_side,
            b.account_id in (select account_id from moved_customer) or b.territory_id in (select territory_id from moved_territory) as has_moved
        from old_line as a
        inner join new_line as b on a.order_line_id = b.order_line_id
        left join is_split_otherwise as otherwise on a.order_line_id = otherwise.order_line_id
        left join is_renamed as renamed on a.order_line_id = renamed.order_line_id
    ),

    walked as (
        select
            *,
            case when rated_amount = o.revenue_amount then o.gross_margin_amount else n.gross_margin_amount end as rated_margin,
            case when has_moved then 'moved' else renamed_side end as moved_side,
            case when n.account_id in (select account_id from ruled_customer) then 'new' else moved_side end as ruled_side
        from paired
    )
select 0 as step, null as cause, o.order_line_id, o.account_id, o.crm_user_id, o.ordered_on, o.fiscal_year, o.channel, o.territory_id, o.revenue_amount,
    o.gross_margin_amount, 'told' as sellers, 'old' as side
from walked
union all
select 1, 'merged', o.order_line_id, renamed_account_id, renamed_crm_user_id, o.ordered_on, o.fiscal_year, o.channel, o.territory_id, o.revenue_amount,
    o.gross_margin_amount, renamed_sellers, renamed_side
from walked
union all
select 2, 'rate', o.order_line_id, renamed_account_id, renamed_crm_user_id, o.ordered_on, o.fiscal_year, o.channel, o.territory_id, rated_amount,
    rated_margin, renamed_sellers, renamed_side
from walked
union all
select 3, 'corrected', o.order_line_id, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel, n.territory_id, n.revenue_amount,
    n.gross_margin_amount, renamed_sellers, renamed_side
from walked
union all
select 4, 're-split', o.order_line_id, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel, n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, renamed_side
from walked
union all
select 5, 'moved', o.order_line_id, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel, n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, moved_side
from walked
union all
select 6, 'rule', o.order_line_id, n.account_id, n.crm_user_id, n.ordered_on, n.fiscal_year, n.channel, n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, ruled_side
from walked;

-- What each cause takes out and puts in.
create temp table signed as
with
    followed as (
        select b.cause, a as before_step, b as after_step
        from state as a
        inner join state as b on a.order_line_id = b.order_line_id and a.step + 1 = b.step
        where
            row(a.account_id, a.crm_user_id, a.ordered_on, a.fiscal_year, a.channel, a.territory_id, a.revenue_amount, a.gross_margin_amount, a.sellers, a.side)
            is distinct from
            row(b.account_id, b.crm_user_id, b.ordered_on, b.fiscal_year, b.channel, b.territory_id, b.revenue_amount, b.gross_margin_amount, b.sellers, b.side)
    ),

    told as (
        select cause as because, 1 as sign, unnest(after_step) from followed
        union all
        select cause, -1, unnest(before_step) from followed
    )
select * exclude (step, cause) from told
union all
-- Only one side counts it: told after its day was over, of a day that came since, or taken back by its source.
select
    case when ordered_on < getvariable('from_as_of') then 'late' else 'new' end, 1, order_line_id, account_id, crm_user_id, ordered_on, fiscal_year, channel,
    territory_id, revenue_amount, gross_margin_amount, 'new', 'new'
from new_line
anti join old_line using (order_line_id)
union all
select 'corrected', -1, order_line_id, account_id, crm_user_id, ordered_on, fiscal_year, channel, territory_id, revenue_amount, gross_margin_amount, 'told', 'old'
from old_line
anti join new_line using (order_line_id);

-- A customer that was won otherwise because its first line came late, or was corrected, moved for that reason.
update signed
set because = firsts.because
from (
    select moved.account_id, max(told.because) as because
    from moved_customer as moved
    inner join signed as told
        on moved.account_id = told.account_id and (told.ordered_on = moved.acquired_before_on or told.ordered_on = moved.acquired_on)
    where told.because in ('corrected', 'late') and moved.acquired_before_on is distinct from moved.acquired_on
    group by moved.account_id
) as firsts
where signed.account_id = firsts.account_id and signed.because = 'moved';

create temp table placed as
select
    signed.*,
    closed.month_on is not null as is_closed,
    customers.acquirer,
    customers.acquired_on,
    customers.acquired_year,
    customers.industry,
    customers.acquisition_method,
    customers.won_region,
    coalesce(nullif(territories.territory_name, 'unknown'), customers.account_region, 'unknown') as region
from signed
left join customer_side as customers on signed.account_id = customers.account_id and signed.side = customers.side
left join territory_side as territories on signed.territory_id = territories.territory_id and signed.side = territories.side
left join old.closed as closed on signed.ordered_on >= closed.month_on and signed.ordered_on < closed.end_on;

-- Whose it is: each seller's share of what the line makes at that step. A share keeps its part of an amount between the two that were published.
create temp table shared as
select
    placed.because,
    placed.is_closed,
    placed.fiscal_year,
    coalesce(shares.crm_user_id, placed.crm_user_id) as crm_user_id,
    placed.sign * case
        when shares.order_line_id is null then placed.revenue_amount
        when placed.revenue_amount = whole.revenue_amount then shares.revenue_amount
        when finals.order_line_id is not null then finals.revenue_amount
        else cast(placed.revenue_amount * cast(shares.revenue_amount as double) / nullif(whole.revenue_amount, 0) as decimal(18, 4))
    end as revenue_amount,
    placed.sign * case
        when shares.order_line_id is null then placed.gross_margin_amount
        when placed.revenue_amount = whole.revenue_amount and finals.gross_margin_amount is null then shares.gross_margin_amount
        when finals.order_line_id is not null then finals.gross_margin_amount
        else cast(placed.gross_margin_amount * cast(shares.revenue_amount as double) / nullif(whole.revenue_amount, 0) as decimal(18, 4))
    end as gross_margin_amount
from placed
left join split as shares on placed.order_line_id = shares.order_line_id and placed.sellers = shares.sellers
left join whole on placed.order_line_id = whole.order_line_id and placed.sellers = whole.sellers
left join new_line as lines
    on placed.order_line_id = lines.order_line_id
    and placed.revenue_amount = lines.revenue_amount
    and placed.gross_margin_amount is not distinct from lines.gross_margin_amount
left join (
    select * from split where sellers = 'new' and order_line_id not in (select order_line_id from is_split_otherwise)
) as finals
    on lines.order_line_id = finals.order_line_id and shares.crm_user_id = finals.crm_user_id;

create temp table won as
select
    placed.because, placed.is_closed, placed.acquirer, placed.acquired_year, ages.age_months, placed.won_region, placed.industry, placed.acquisition_method,
    sum(placed.sign * placed.revenue_amount) as revenue_amount, sum(placed.sign * placed.gross_margin_amount) as gross_margin_amount
from placed
inner join (select unnest([12, 24, 36, null]) as age_months) as ages
    on ages.age_months is null or placed.ordered_on < cast(placed.acquired_on + to_months(ages.age_months) as date)
group by 1, 2, 3, 4, 5, 6, 7, 8;

-- Costs are published by rep, employee, month, component and currency: such a row is what is compared. Of one that stands under another
-- rep now, and nowhere else, the rep was matched otherwise.
create temp table cost_before as
select * from old.rep_cost except select * from new.rep_cost;

create temp table cost_after as
select * from new.rep_cost except select * from old.rep_cost;

create temp table cost_pair as
with
    same as (
        select a as o, b as n
        from cost_before as a
        full join cost_after as b on
            row(a.crm_user_id, a.employee_number, a.month_on, a.fiscal_year, a.component, a.currency)
            = row(b.crm_user_id, b.employee_number, b.month_on, b.fiscal_year, b.component, b.currency)
    ),

    gone as (
        select *, count(*) over (partition by o.employee_number, o.month_on, o.fiscal_year, o.component, o.currency) as likes from same where n.month_on is null
    ),

    come as (
        select *, count(*) over (partition by n.employee_number, n.month_on, n.fiscal_year, n.component, n.currency) as likes from same where o.month_on is null
    ),

    -- The same money in another fiscal year.
    ruled as (
        select gone.o, come.n
        from gone
        inner join come on
            row(gone.o.crm_user_id, gone.o.employee_number, gone.o.month_on, gone.o.component, gone.o.currency)
            = row(come.n.crm_user_id, come.n.employee_number, come.n.month_on, come.n.component, come.n.currency)
        qualify count(*) over (partition by gone.o) = 1 and count(*) over (partition by come.n) = 1
    ),

    matched as (
        select o, n from ruled
        union all
        select gone.o, come.n
        from gone
        inner join come on
            row(gone.o.employee_number, gone.o.month_on, gone.o.fiscal_year, gone.o.component, gone.o.currency)
            = row(come.n.employee_number, come.n.month_on, come.n.fiscal_year, come.n.component, come.n.currency)
        where gone.likes = 1 and come.likes = 1 and gone.o not in (select o from ruled) and come.n not in (select n from ruled)
    )
select o, n from same where o.month_on is not null and n.month_on is not null
union all
select o, n from matched
union all
select o, null from gone where o not in (select o from matched)
union all
select null, n from come where n not in (select n from matched);

-- The answers count a month that has begun, and of one that a year's end cuts the years that have.
create temp table counted_pair as
with
    pairs as (
        select o, n from cost_pair
        union all
        select same, same
        from (
            select * from old.rep_cost where month_on >= date_trunc('month', least(getvariable('from_as_of'), getvariable('to_as_of')))
            intersect
            select * from new.rep_cost
        ) as same
    )
select
    case
        when
            pairs.o.month_on < getvariable('from_as_of')
            and pairs.o.fiscal_year <= (select max(fiscal_year) from old.day where date_on < getvariable('from_as_of'))
        then pairs.o
    end as o,
    case
        when
            pairs.n.month_on < getvariable('to_as_of')
            and pairs.n.fiscal_year <= (select max(fiscal_year) from new.day where date_on < getvariable('to_as_of'))
        then pairs.n
    end as n
from pairs;

create macro is_apart(component) as
    list_contains(getvariable('apart'), component)
    and not (component = 'paid_leave' and (select version from new.cost_version) < 3)
    and (select version from new.cost_version) > 1;

-- Of a row that was there before, the lines that were first told since. The warehouse knows them; lines of a later night are not looked at.
create temp table late_cost as
select
    crm_user_id, employee_number, cast(date_trunc('month', month_on) as date) as month_on, fiscal_year, component, currency, sum(cost_amount) as cost_amount,
    sum(cost_local_amount) as cost_local_amount
from warehouse_line.cost
where first_told_on > getvariable('from_as_of') and first_told_on <= getvariable('to_as_of')
group by 1, 2, 3, 4, 5, 6;

-- What each cause takes out of a row of cost and puts in; for what is published row by row, and for the answers. Under another definition
-- of cost no row says what a line did.
create temp table cost_step as
with
    rated as (
        select
            pairs.*,
            coalesce(late.cost_amount, 0) as late_amount,
            coalesce(late.cost_local_amount, 0) as late_local_amount,
            -- Days of a month have rates of their own: where the local amount moved too, nobody knows what of it the rate did.
            if(o.cost_local_amount = n.cost_local_amount - late_local_amount, n.cost_amount - late_amount, o.cost_amount) as rated_amount,
            struct_update(n, fiscal_year := o.fiscal_year) as renamed
        from (select 'row' as told, * from cost_pair union all select 'answer', * from counted_pair where o is distinct from n) as pairs
        left join late_cost as late
            on o is not null
            and row(n.crm_user_id, n.employee_number, n.month_on, n.fiscal_year, n.component, n.currency)
            = row(late.crm_user_id, late.employee_number, late.month_on, late.fiscal_year, late.component, late.currency)
        where (select version from old.cost_version) = (select version from new.cost_version)
    ),

    steps as (
        select told, 'merged' as because, -1 as sign, o as held, o.cost_amount as cost_amount, o.cost_local_amount as cost_local_amount
        from rated
        where o.crm_user_id <> n.crm_user_id
        union all
        select told, 'merged', 1, renamed, o.cost_amount, o.cost_local_amount from rated where o.crm_user_id <> n.crm_user_id
        union all
        select told, 'rate', 1, renamed, rated_amount - o.cost_amount, 0 from rated where o is not null and n is not null
        union all
        select
            told, unnest(['corrected', 'late']), 1, renamed, unnest([n.cost_amount - rated_amount - late_amount, late_amount]),
            unnest([n.cost_local_amount - o.cost_local_amount - late_local_amount, late_local_amount])
        from rated
        where o is not null and n is not null
        union all
        select told, 'rule', -1, renamed, n.cost_amount, n.cost_local_amount from rated where o.fiscal_year <> n.fiscal_year
        union all
        select told, 'rule', 1, n, n.cost_amount, n.cost_local_amount from rated where o.fiscal_year <> n.fiscal_year
        union all
        select told, 'corrected', -1, o, o.cost_amount, o.cost_local_amount from rated where n is null
        union all
        select told, if(last_day(n.month_on) < getvariable('from_as_of'), 'late', 'new'), 1, n, n.cost_amount, n.cost_local_amount from rated where o is null
    )
select
    told,
    -- A month that was not over has as many causes as days: what came in it is new.
    if(because in ('corrected', 'late') and last_day(held.month_on) >= getvariable('from_as_of'), 'new', because) as because,
    exists (select 1 from old.closed as closed where held.month_on >= closed.month_on and held.month_on < closed.end_on) as is_closed,
    held.crm_user_id,
    held.employee_number,
    held.month_on,
    held.fiscal_year,
    held.component,
    held.currency,
    sign * steps.cost_amount as cost_amount,
    sign * steps.cost_local_amount as cost_local_amount
from steps;

-- What is paid once is in no person's year; the cost of a cohort is that of its year.
create temp table spent as
with
    answered as (
        select because, is_closed, crm_user_id, fiscal_year, sum(if(is_apart(component), 0, cost_amount)) as own_amount, sum(cost_amount) as cost_amount
        from cost_step
        where told = 'answer'
        group by 1, 2, 3, 4
    ),

    by_holder as (
        select 'rep_value' as table_name, 'crm_user_id=' || crm_user_id as holder, fiscal_year, because, is_closed, own_amount, cost_amount from answered
        union all
        select 'group_value', 'group_type=company, group_id=company', fiscal_year, because, is_closed, cost_amount, cost_amount from answered
    )
select
    table_name, holder, unnest(['year', 'cohort', 'cohort', 'cohort', 'cohort']) as reading, fiscal_year, unnest([null, 12, 24, 36, null]) as age_months, because,
    is_closed, own_amount as cost_amount
from by_holder
union all
select table_name, holder, 'career', null, null, because, is_closed, cost_amount from by_holder;

-- By whoever holds a reading, what moved in it.
create temp table held as
with
    sold as (
        select because, is_closed, fiscal_year, region, industry, acquisition_method, sum(sign * revenue_amount) as revenue_amount,
            sum(sign * gross_margin_amount) as gross_margin_amount
        from placed
        group by 1, 2, 3, 4, 5, 6
    )
select 'rep_value' as table_name, 'crm_user_id=' || crm_user_id as holder, 'year' as reading, fiscal_year, null as age_months, because, is_closed,
    revenue_amount, gross_margin_amount, 0 as cost_amount
from shared
union all
select table_name, holder, reading, fiscal_year, age_months, because, is_closed, 0, 0, cost_amount from spent
union all
select 'rep_value', 'crm_user_id=' || acquirer, unnest(['cohort', 'career'][:if(age_months is null, 2, 1)]), acquired_year, age_months, because, is_closed,
    revenue_amount, gross_margin_amount, 0
from won
union all
select 'group_value', 'group_type=company, group_id=company', 'year', fiscal_year, null, because, is_closed, revenue_amount, gross_margin_amount, 0
from sold
union all
select 'group_value', 'group_type=company, group_id=company', unnest(['cohort', 'career'][:if(age_months is null, 2, 1)]), acquired_year, age_months, because,
    is_closed, revenue_amount, gross_margin_amount, 0
from won
union all
select 'segment_value', 'segment_type=' || cut.key || ', segment=' || cut.value, 'year', fiscal_year, null, because, is_closed, revenue_amount,
    gross_margin_amount, 0
from (
    select *, unnest(map_entries(map {
        'region': region,
        'industry': industry,
        'acquisition_method': acquisition_method,
        'region_industry': replace(region, ' × ', '×') || ' × ' || replace(industry, ' × ', '×'),
        'industry_acquisition_method': replace(industry, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×'),
        'region_acquisition_method': replace(region, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×')
    })) as cut
    from sold
) as sold_cut
union all
select 'segment_value', 'segment_type=' || cut.key || ', segment=' || cut.value, unnest(['cohort', 'career'][:if(age_months is null, 2, 1)]), acquired_year,
    age_months, because, is_closed, revenue_amount, gross_margin_amount, 0
from (
    select *, unnest(map_entries(map {
        'region': won_region,
        'industry': industry,
        'acquisition_method': acquisition_method,
        'region_industry': replace(won_region, ' × ', '×') || ' × ' || replace(industry, ' × ', '×'),
        'industry_acquisition_method': replace(industry, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×'),
        'region_acquisition_method': replace(won_region, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×')
    })) as cut
    from won
) as won_cut;

-- What moved in each published cell, under the text by which a row is called.
create temp table moved_cell as
with
    lenses as (select unnest(['as_sold', 'as_was', 'as_is']) as lens),

    measures as (select unnest(['revenue', 'gross_margin']) as value_measure),

    figures as (
        select
            held.table_name,
            held.holder
            || ', reading=' || held.reading
            || if(held.reading = 'career', '', ', fiscal_year=' || held.fiscal_year)
            || if(held.age_months is null, '', ', age_months=' || held.age_months)
            || ', lens=' || lenses.lens
            || ', basis=nominal, value_measure=' || measures.value_measure
            || if(held.table_name = 'segment_value', '', ', cost_basis=actual') as row_key,
            held.reading,
            held.because,
            held.is_closed,
            held.revenue_amount,
            if(measures.value_measure = 'revenue', held.revenue_amount, held.gross_margin_amount) as value_amount,
            held.cost_amount
        from held
        cross join measures
        inner join lenses on lenses.lens = 'as_sold' or (held.reading <> 'year' and held.table_name <> 'segment_value')
    )
select
    table_name, row_key, unnest([if(reading = 'year', 'revenue_amount', 'realised_ltv_amount'), 'value_amount', 'cost_amount', 'net_value_amount']) as column_name,
    because, is_closed,
    unnest([if(reading = 'year', revenue_amount, value_amount), value_amount, cost_amount, value_amount - cost_amount]) as amount
from figures
union all
select 'company_revenue', 'fiscal_year=' || fiscal_year || ', channel=' || channel || ', basis=nominal', 'revenue_amount', because, is_closed,
    sign * revenue_amount
from placed
union all
select 'customer_lifetime_value', 'account_id=' || account_id || ', basis=nominal', unnest(['realised_ltv_amount', 'realised_margin_amount']), because, is_closed,
    sign * unnest([revenue_amount, gross_margin_amount])
from placed
union all
select
    'fct_rep_cost',
    'crm_user_id=' || crm_user_id || ', employee_number=' || employee_number || ', month_on=' || month_on || ', fiscal_year=' || fiscal_year || ', component='
    || component || ', currency=' || currency,
    unnest(['cost_amount', 'cost_local_amount']), because, is_closed, unnest([cost_amount, cost_local_amount])
from cost_step
where told = 'row';

-- What the published cells themselves say, of those that are sums of lines; one that either side doesn't know has no change.
create temp table cell_change as
select coalesce(a.table_name, b.table_name) as table_name, coalesce(a.row_key, b.row_key) as row_key, coalesce(a.column_name, b.column_name) as column_name,
    coalesce(b.amount, 0) - coalesce(a.amount, 0) as change_amount
from old.cell as a
full join new.cell as b on a.table_name = b.table_name and a.row_key = b.row_key and a.column_name = b.column_name
where (a.table_name is null or a.amount is not null) and (b.table_name is null or b.amount is not null);

create temp table restated as
with
    explained as (
        select table_name, row_key, column_name, because as cause, sum(amount) as change_amount, sum(if(is_closed, amount, 0)) as closed_change_amount
        from moved_cell
        semi join cell_change using (table_name, row_key, column_name)
        group by 1, 2, 3, 4
    ),

    rest as (
        select table_name, row_key, column_name, getvariable('rest') as cause, change_amount - coalesce(told_amount, 0) as change_amount,
            0 as closed_change_amount
        from cell_change
        left join (select table_name, row_key, column_name, sum(change_amount) as told_amount from explained group by 1, 2, 3) as told
            using (table_name, row_key, column_name)
    ),

    caused as (
        select * from explained
        union all
        select * from rest
    )
select table_name, row_key, column_name, cause, getvariable('from_id') as from_publication, getvariable('to_id') as to_publication,
    cast(sum(change_amount) as decimal(18, 4)) as change_amount, cast(sum(closed_change_amount) as decimal(18, 4)) as closed_change_amount
from caused
group by 1, 2, 3, 4
having sum(change_amount) <> 0 or sum(closed_change_amount) <> 0
order by 1, 2, 3, 4;
