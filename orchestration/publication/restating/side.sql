-- Why the published figures of two publications differ, line by line. The schemas "old" and "new" hold what either
-- publication says; the variables from_as_of and to_as_of their as-of dates.
--
-- A line walks from what it was to what it is, one cause after another in a fixed order: merged, rate, corrected,
-- re-split, moved, rule. Each step takes the line out of the cells in which it stood before and puts it into those in
-- which it stands after, so that the steps add up to the whole way whatever their order.

create macro group_kinds(team_id, manager_crm_user_id, territory_id) as map {
    'team': team_id, 'manager': manager_crm_user_id, 'territory': territory_id
};

create macro group_called(kind, id) as 'group_type=' || kind || ', group_id=' || id;

-- Months whose days are in another fiscal year than before. Where a calendar tells them otherwise, what is no sum of
-- lines is counted anew, as under another setting. Dates are told until the year ends that runs: the days of its last
-- month that come after are of the next.
create temp table recut_month as
with
    told as (
        select 'old' as side, date_on, fiscal_year from old.day
        union all
        select 'new', date_on, fiscal_year from new.day
    ),

    days as (
        select * from told
        union all
        select ends.side, cast(unnest(range(ends.end_on + 1, last_day(ends.end_on) + 1, interval 1 day)) as date),
            ends.fiscal_year + 1
        from (select side, max(date_on) as end_on, max(fiscal_year) as fiscal_year from told group by 1) as ends
    )
select distinct cast(date_trunc('month', a.date_on) as date) as month_on
from days as a
inner join days as b on a.date_on = b.date_on and a.fiscal_year <> b.fiscal_year
where a.side = 'old' and b.side = 'new';

set variable is_recut = (
    select count(*) > 0
    from recut_month
    where month_on < least(getvariable('from_as_of'), getvariable('to_as_of'))
);

set variable other = if(getvariable('is_recut') and getvariable('other') = '', 'rule', getvariable('other'));

set variable rest = if(getvariable('is_recut') and getvariable('rest') = 'unexplained', 'rule', getvariable('rest'));

-- In which money both sides tell their figures; of one that either lacks there is nothing to follow.
create temp table basis as
select 'nominal' as basis
union
(select basis from old.basis intersect select basis from new.basis);

-- Lines that say something else, or that one side lacks: how they stand, in the money of which basis, and what is
-- told beside.
create temp table odd_line as
select
    coalesce(a.order_line_id, b.order_line_id) as order_line_id,
    a.order_line_id is null
    or b.order_line_id is null
    or row(a.account_id, a.crm_user_id, a.territory_id, a.ordered_on, a.fiscal_year, a.channel)
    is distinct from row(b.account_id, b.crm_user_id, b.territory_id, b.ordered_on, b.fiscal_year, b.channel)
    as is_placed_otherwise,
    list_filter([
        if(
            a.revenue_amount is distinct from b.revenue_amount
            or a.gross_margin_amount is distinct from b.gross_margin_amount, 'nominal', null
        ),
        if(
            a.constant_revenue_amount is distinct from b.constant_revenue_amount
            or a.constant_gross_margin_amount is distinct from b.constant_gross_margin_amount,
            'constant', null
        ),
        if(
            a.real_revenue_amount is distinct from b.real_revenue_amount
            or a.real_gross_margin_amount is distinct from b.real_gross_margin_amount, 'real', null
        )
    ], one -> one is not null) as bases,
    row(a.opportunity_id, a.term_months, a.quantity, a.booked_amount, a.partner_amount, a.refunds_order_line_id)
    is distinct from row(b.opportunity_id, b.term_months, b.quantity, b.booked_amount, b.partner_amount,
        b.refunds_order_line_id)
    as is_told_otherwise,
    a.delivered_opportunity_id is not distinct from b.delivered_opportunity_id
    and a.opportunity_id is distinct from b.opportunity_id as has_merged_deal
from old.odd_order_line as a
full join new.odd_order_line as b on a.order_line_id = b.order_line_id
where a is distinct from b;

-- Lines that are followed in each basis: those that stand otherwise, and whose day has come. One of another amount
-- alone is, in that basis.
create temp table affected as
select order_line_id from odd_line where is_placed_otherwise
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
where a is distinct from b;

-- Under which id somebody is shown now who was shown under another then.
create temp table alias as
select a.id_kind, a.alias_id, a.shown_id
from new.id_alias as a
anti join old.id_alias as b on a.id_kind = b.id_kind and a.alias_id = b.alias_id and a.shown_id = b.shown_id
where a.id_kind in ('account', 'crm_user');

-- What is known of a customer and of a territory: then, then under today's ids, now in the fiscal years of then, and
-- now. Who is new has no other past.
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
select account_id from customer_side
where side = 'old' and acquirer in (select alias_id from alias where id_kind = 'crm_user');

create temp table moved_customer as
select a.account_id, a.acquired_on as acquired_before_on, b.acquired_on
from (select * from customer_side where side = 'renamed') as a
inner join (select * from customer_side where side = 'moved') as b on a.account_id = b.account_id
where
    row(a.acquirer, a.acquired_on, a.acquired_year, a.industry, a.acquisition_method, a.account_region, a.won_region)
    is distinct from row(b.acquirer, b.acquired_on, b.acquired_year, b.industry, b.acquisition_method,
        b.account_region, b.won_region);

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

-- In which groups a rep was: then, and now. Who is new has no other past.
create temp table group_side as
select 'old' as groups, * from old.rep_group
union all
select 'old', a.* from new.rep_group as a anti join old.rep_group as b on a.crm_user_id = b.crm_user_id
union all
select 'new', * from new.rep_group;

-- Who owned an account, likewise.
create temp table owner_side as
select 'old' as groups, * from old.account_owner
union all
select 'old', a.* from new.account_owner as a anti join old.account_owner as b on a.account_id = b.account_id
union all
select 'new', * from new.account_owner;

-- At which day each lens reads a fiscal year; null where it is the day of the sale. A year that was not there then is
-- read as it is now.
create temp table lens_day as
with
    known as (
        select 'old' as groups, fiscal_year, max(date_on) as year_ends_on, getvariable('from_as_of') as as_of
        from old.day group by fiscal_year
        union all
        select 'old', fiscal_year, max(date_on), getvariable('from_as_of')
        from new.day as days
        anti join old.day as known on days.fiscal_year = known.fiscal_year
        group by fiscal_year
        union all
        select 'new', fiscal_year, max(date_on), getvariable('to_as_of') from new.day group by fiscal_year
        union all
        select 'new', fiscal_year, max(date_on), getvariable('to_as_of')
        from old.day as days
        anti join new.day as known on days.fiscal_year = known.fiscal_year
        group by fiscal_year
    )
select
    groups, fiscal_year, unnest(['as_sold', 'as_was', 'as_is']) as lens,
    unnest([null, least(year_ends_on, cast(as_of - interval 1 day as date)), cast(as_of - interval 1 day as date)])
        as read_on
from known;

-- Which territories count in each of the tree, as the lenses read it: as sold, on the day on which a year is read.
create temp table tree as
with
    years as (
        select days.groups, days.lens, days.fiscal_year, reads.read_on
        from lens_day as days
        inner join lens_day as reads
            on days.groups = reads.groups and days.fiscal_year = reads.fiscal_year
                and if(days.lens = 'as_sold', 'as_was', days.lens) = reads.lens
    ),

    ways as (
        select 'old' as groups, * from old.hierarchy
        union all
        select 'new', * from new.hierarchy
    )
select years.groups, years.lens, years.fiscal_year, known.territory_id, known.territory_id as tree_territory_id
from years
cross join (select territory_id from old.territory union select territory_id from new.territory) as known
union
select years.groups, years.lens, years.fiscal_year, ways.descendant_id, ways.ancestor_id
from years
inner join ways on years.groups = ways.groups and years.read_on >= ways.valid_from_on
    and years.read_on < ways.valid_to_on;

-- Deals, payments and spend may lie before the first day with money, where the calendar of dates begins: their years
-- end in the month in which its do.
create temp table any_day as
with bounds as (select min(date_on) as first_on, month(max(date_on)) as last_month from new.day)
select date_on, fiscal_year from new.day
union all
select cast(days.date_on as date),
    cast(year(days.date_on) + if(month(days.date_on) > bounds.last_month, 1, 0) as integer)
from bounds
cross join range(timestamp '1950-01-01', timestamp '2100-01-01', interval 1 day) as days(date_on)
where days.date_on < bounds.first_on;

-- The days on which a rep is told to have been in other groups than before.
create temp table moved_rep as
select a.crm_user_id, greatest(a.valid_from_on, b.valid_from_on) as valid_from_on,
    least(a.valid_to_on, b.valid_to_on) as valid_to_on
from old.rep_group as a
inner join new.rep_group as b on a.crm_user_id = b.crm_user_id and a.valid_from_on < b.valid_to_on
    and b.valid_from_on < a.valid_to_on
where row(a.team_id, a.manager_crm_user_id, a.territory_id)
    is distinct from row(b.team_id, b.manager_crm_user_id, b.territory_id);

-- Whose groups, or whose accounts, a lens may read otherwise: told otherwise, or changed between the two days on
-- which it reads.
create temp table read_otherwise as
with
    passed as (
        select
            least(getvariable('from_as_of'), getvariable('to_as_of')) - interval 1 day as from_on,
            greatest(getvariable('from_as_of'), getvariable('to_as_of')) - interval 1 day as to_on
    ),

    reps as (
        select crm_user_id from moved_rep
        union
        select spans.crm_user_id
        from group_side as spans
        inner join passed on spans.valid_from_on > passed.from_on and spans.valid_from_on <= passed.to_on
        union
        -- In a territory that is called otherwise now: the regions of what is owned there are.
        select spans.crm_user_id
        from group_side as spans
        semi join moved_territory as moved on spans.territory_id = moved.territory_id
    ),

    owned as (
        select account_id from (select * from old.account_owner except select * from new.account_owner) as gone
        union
        select account_id from (select * from new.account_owner except select * from old.account_owner) as come
        union
        select spans.account_id
        from owner_side as spans
        inner join passed
            on (spans.valid_from_on > passed.from_on and spans.valid_from_on <= passed.to_on)
            or (spans.valid_to_on > passed.from_on and spans.valid_to_on <= passed.to_on)
    )
select 'rep' as kind, crm_user_id as id from reps
union all
select 'account', account_id from owned
union all
select 'account', owners.account_id from owner_side as owners semi join reps on owners.crm_user_id = reps.crm_user_id
union all
select 'account', customers.account_id from new.customer as customers
semi join reps on customers.acquirer = reps.crm_user_id;

insert into affected
select order_line_id from new.order_line where account_id in (select id from read_otherwise where kind = 'account');

insert into affected
select lines.order_line_id
from new.order_line as lines
semi join moved_rep as moved
    on lines.crm_user_id = moved.crm_user_id and lines.ordered_on >= moved.valid_from_on
        and lines.ordered_on < moved.valid_to_on
union
select lines.order_line_id
from new.order_line as lines
inner join new.revenue_share as shares on lines.order_line_id = shares.order_line_id
semi join moved_rep as moved
    on shares.crm_user_id = moved.crm_user_id and lines.ordered_on >= moved.valid_from_on
        and lines.ordered_on < moved.valid_to_on
union
select lines.order_line_id
from new.order_line as lines
inner join new.customer as customers on lines.account_id = customers.account_id
semi join moved_rep as moved
    on customers.acquirer = moved.crm_user_id and customers.acquired_on >= moved.valid_from_on
        and customers.acquired_on < moved.valid_to_on;

insert into affected
select order_line_id
from new.order_line
where
    account_id in (select account_id from moved_customer)
    or account_id in (select account_id from renamed_customer)
    or account_id in (select account_id from ruled_customer)
union
select order_line_id from new.order_line where territory_id in (select territory_id from moved_territory);
