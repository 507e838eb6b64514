-- Why the published figures of two publications differ, line by line. The schemas "old" and "new" hold what either publication says;
-- the variables from_as_of and to_as_of their as-of dates.
--
-- A line walks from what it was to what it is, one cause after another in a fixed order: merged, rate, corrected, re-split, moved, rule.
-- Each step takes the line out of the cells in which it stood before and puts it into those in which it stands after, so that the
-- steps add up to the whole way whatever their order.

create macro group_kinds(team_id, manager_crm_user_id, territory_id) as map {
    'team': team_id, 'manager': manager_crm_user_id, 'territory': territory_id
};

create macro in_each_basis(told) as row(
    told.revenue_amount, told.gross_margin_amount, told.constant_revenue_amount, told.constant_gross_margin_amount, told.real_revenue_amount,
    told.real_gross_margin_amount
);

create macro group_called(kind, id) as 'group_type=' || kind || ', group_id=' || id;

-- In which money both sides tell their figures; of one that either lacks there is nothing to follow.
create temp table basis as
select 'nominal' as basis
union
(select basis from old.basis intersect select basis from new.basis);

-- Lines that say something else, or that one side lacks, or whose day has come.
create temp table affected as
select coalesce(a.order_line_id, b.order_line_id) as order_line_id
from old.odd_order_line as a
full join new.odd_order_line as b on a.order_line_id = b.order_line_id
where
    a.order_line_id is null
    or b.order_line_id is null
    or row(a.account_id, a.crm_user_id, a.territory_id, a.ordered_on, a.fiscal_year, a.channel)
    is distinct from row(b.account_id, b.crm_user_id, b.territory_id, b.ordered_on, b.fiscal_year, b.channel)
    or in_each_basis(a) is distinct from in_each_basis(b)
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
where a.split_pct is distinct from b.split_pct or in_each_basis(a) is distinct from in_each_basis(b);

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

-- At which day each lens reads a fiscal year; null where it is the day of the sale. A year that was not there then is read as it is now.
create temp table lens_day as
with
    known as (
        select 'old' as groups, fiscal_year, max(date_on) as year_ends_on, getvariable('from_as_of') as as_of from old.day group by fiscal_year
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
    unnest([null, least(year_ends_on, cast(as_of - interval 1 day as date)), cast(as_of - interval 1 day as date)]) as read_on
from known;

-- The days on which a rep is told to have been in other groups than before.
create temp table moved_rep as
select a.crm_user_id, greatest(a.valid_from_on, b.valid_from_on) as valid_from_on, least(a.valid_to_on, b.valid_to_on) as valid_to_on
from old.rep_group as a
inner join new.rep_group as b on a.crm_user_id = b.crm_user_id and a.valid_from_on < b.valid_to_on and b.valid_from_on < a.valid_to_on
where row(a.team_id, a.manager_crm_user_id, a.territory_id) is distinct from row(b.team_id, b.manager_crm_user_id, b.territory_id);

-- Whose groups, or whose accounts, a lens may read otherwise: told otherwise, or changed between the two days on which it reads.
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
select 'account', customers.account_id from new.customer as customers semi join reps on customers.acquirer = reps.crm_user_id;

insert into affected
select order_line_id from new.order_line where account_id in (select id from read_otherwise where kind = 'account');

insert into affected
select lines.order_line_id
from new.order_line as lines
semi join moved_rep as moved
    on lines.crm_user_id = moved.crm_user_id and lines.ordered_on >= moved.valid_from_on and lines.ordered_on < moved.valid_to_on
union
select lines.order_line_id
from new.order_line as lines
inner join new.revenue_share as shares on lines.order_line_id = shares.order_line_id
semi join moved_rep as moved
    on shares.crm_user_id = moved.crm_user_id and lines.ordered_on >= moved.valid_from_on and lines.ordered_on < moved.valid_to_on
union
select lines.order_line_id
from new.order_line as lines
inner join new.customer as customers on lines.account_id = customers.account_id
semi join moved_rep as moved
    on customers.acquirer = moved.crm_user_id and customers.acquired_on >= moved.valid_from_on and customers.acquired_on < moved.valid_to_on;

insert into affected
select order_line_id
from new.order_line
where
    account_id in (select account_id from moved_customer)
    or account_id in (select account_id from renamed_customer)
    or account_id in (select account_id from ruled_customer)
union
select order_line_id from new.order_line where territory_id in (select territory_id from moved_territory);

-- From here on a row is a line in the money of one basis, which walks for itself: a rate of a day is no cause of what is told at that of another.
create temp table old_line as
select *
from old.line_in_basis
where
    order_line_id in (select order_line_id from affected)
    and ordered_on < getvariable('from_as_of')
    and basis in (select basis from basis);

create temp table new_line as
select *
from new.line_in_basis
where
    order_line_id in (select order_line_id from affected)
    and ordered_on < getvariable('to_as_of')
    and basis in (select basis from basis);

-- Who shared a line: as told then, under today's ids, and as told now.
create temp table split as
with
    told as (
        select 'told' as sellers, a.order_line_id, a.crm_user_id, a.basis, a.split_pct, a.revenue_amount, a.gross_margin_amount
        from old.share_in_basis as a
        semi join old_line as b on a.order_line_id = b.order_line_id and a.basis = b.basis
    )
select * from told
union all
select
    'renamed', told.order_line_id, coalesce(alias.shown_id, told.crm_user_id), told.basis, sum(told.split_pct), sum(told.revenue_amount),
    sum(told.gross_margin_amount)
from told
left join alias on alias.id_kind = 'crm_user' and told.crm_user_id = alias.alias_id
group by 1, 2, 3, 4
union all
select 'new', a.order_line_id, a.crm_user_id, a.basis, a.split_pct, a.revenue_amount, a.gross_margin_amount
from new.share_in_basis as a
semi join new_line as b on a.order_line_id = b.order_line_id and a.basis = b.basis;

create temp table whole as
select order_line_id, sellers, basis, sum(revenue_amount) as revenue_amount from split group by 1, 2, 3;

create temp table is_split_otherwise as
select distinct coalesce(a.order_line_id, b.order_line_id) as order_line_id
from (select * from split where sellers = 'renamed' and basis = 'nominal') as a
full join (select * from split where sellers = 'new' and basis = 'nominal') as b on a.order_line_id = b.order_line_id and a.crm_user_id = b.crm_user_id
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
                when a.currency is distinct from b.currency or a.ordered_on <> b.ordered_on or a.net_amount = 0 or b.net_amount = 0
                then a.revenue_amount
                when a.net_amount = b.net_amount
                then b.revenue_amount
                when
                    abs(a.net_amount * cast(b.revenue_amount as double) / b.net_amount - a.revenue_amount)
                    <= 0.0001 * (1 + abs(cast(a.net_amount as double) / b.net_amount))
                then a.revenue_amount
                else cast(a.net_amount * cast(b.revenue_amount as double) / b.net_amount as decimal(18, 4))
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
        inner join new_line as b on a.order_line_id = b.order_line_id and a.basis = b.basis
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
select 0 as step, null as cause, o.order_line_id, o.basis, o.account_id, o.crm_user_id, o.ordered_on, o.fiscal_year, o.channel, o.territory_id, o.revenue_amount,
    o.gross_margin_amount, 'told' as sellers, 'old' as side, 'old' as groups
from walked
union all
select 1, 'merged', o.order_line_id, o.basis, renamed_account_id, renamed_crm_user_id, o.ordered_on, o.fiscal_year, o.channel, o.territory_id, o.revenue_amount,
    o.gross_margin_amount, renamed_sellers, renamed_side, 'old'
from walked
union all
select 2, 'rate', o.order_line_id, o.basis, renamed_account_id, renamed_crm_user_id, o.ordered_on, o.fiscal_year, o.channel, o.territory_id, rated_amount,
    rated_margin, renamed_sellers, renamed_side, 'old'
from walked
union all
select 3, 'corrected', o.order_line_id, o.basis, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel, n.territory_id, n.revenue_amount,
    n.gross_margin_amount, renamed_sellers, renamed_side, 'old'
from walked
union all
select 4, 're-split', o.order_line_id, o.basis, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel, n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, renamed_side, 'old'
from walked
union all
select 5, 'moved', o.order_line_id, o.basis, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel, n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, moved_side, 'new'
from walked
union all
select 6, 'rule', o.order_line_id, o.basis, n.account_id, n.crm_user_id, n.ordered_on, n.fiscal_year, n.channel, n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, ruled_side, 'new'
from walked;

-- What became of each line that both sides count, cause by cause.
create temp table line_change as
select
    a.order_line_id,
    sum(if(b.cause = 'rate', b.revenue_amount - a.revenue_amount, 0)) as rate_amount,
    sum(if(b.cause = 'corrected', b.revenue_amount - a.revenue_amount, 0)) as corrected_amount,
    bool_or(b.cause = 'merged' and row(a.account_id, a.crm_user_id, a.sellers, a.side) is distinct from row(b.account_id, b.crm_user_id, b.sellers, b.side))
    as is_merged,
    bool_or(b.cause = 're-split' and a.sellers <> b.sellers) as is_split_otherwise,
    bool_or(b.cause = 'corrected' and row(a.account_id, a.crm_user_id, a.ordered_on) is distinct from row(b.account_id, b.crm_user_id, b.ordered_on))
    as is_corrected,
    bool_or(b.cause = 'moved' and a.side <> b.side) as is_moved
from state as a
inner join state as b on a.order_line_id = b.order_line_id and a.basis = b.basis and a.step + 1 = b.step
where a.basis = 'nominal'
group by 1;

-- What each cause takes out and puts in.
create temp table signed as
with
    followed as (
        select b.cause, a as before_step, b as after_step
        from state as a
        inner join state as b on a.order_line_id = b.order_line_id and a.basis = b.basis and a.step + 1 = b.step
        where
            row(a.account_id, a.crm_user_id, a.ordered_on, a.fiscal_year, a.channel, a.territory_id, a.revenue_amount, a.gross_margin_amount, a.sellers, a.side,
                a.groups)
            is distinct from
            row(b.account_id, b.crm_user_id, b.ordered_on, b.fiscal_year, b.channel, b.territory_id, b.revenue_amount, b.gross_margin_amount, b.sellers, b.side,
                b.groups)
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
    case when ordered_on < getvariable('from_as_of') then 'late' else 'new' end, 1, order_line_id, basis, account_id, crm_user_id, ordered_on, fiscal_year, channel,
    territory_id, revenue_amount, gross_margin_amount, 'new', 'new', 'new'
from new_line
anti join old_line using (order_line_id, basis)
union all
select 'corrected', -1, order_line_id, basis, account_id, crm_user_id, ordered_on, fiscal_year, channel, territory_id, revenue_amount, gross_margin_amount, 'told', 'old', 'old'
from old_line
anti join new_line using (order_line_id, basis);

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
    placed.basis,
    placed.because,
    placed.is_closed,
    placed.fiscal_year,
    placed.ordered_on,
    placed.groups,
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
left join split as shares on placed.order_line_id = shares.order_line_id and placed.basis = shares.basis and placed.sellers = shares.sellers
left join whole on placed.order_line_id = whole.order_line_id and placed.basis = whole.basis and placed.sellers = whole.sellers
left join new_line as lines
    on placed.order_line_id = lines.order_line_id
    and placed.basis = lines.basis
    and placed.revenue_amount = lines.revenue_amount
    and placed.gross_margin_amount is not distinct from lines.gross_margin_amount
left join (
    select * from split where sellers = 'new' and order_line_id not in (select order_line_id from is_split_otherwise)
) as finals
    on lines.order_line_id = finals.order_line_id and lines.basis = finals.basis and shares.crm_user_id = finals.crm_user_id;

create temp table won as
select
    placed.basis, placed.because, placed.is_closed, placed.acquirer, placed.acquired_on, placed.groups, placed.acquired_year, ages.age_months, placed.won_region, placed.industry, placed.acquisition_method,
    sum(placed.sign * placed.revenue_amount) as revenue_amount, sum(placed.sign * placed.gross_margin_amount) as gross_margin_amount
from placed
inner join (select unnest([12, 24, 36, null]) as age_months) as ages
    on ages.age_months is null or placed.ordered_on < cast(placed.acquired_on + to_months(ages.age_months) as date)
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;
