-- From here on a row is a line in the money of one basis, which walks for itself: a rate of a day is no cause of what
-- is told at that of another.
create temp table followed as
select affected.order_line_id, bases.basis
from (select distinct order_line_id from affected) as affected
cross join basis as bases
union
select order_line_id, basis from (select order_line_id, unnest(bases) as basis from odd_line) as odd
where basis in (select basis from basis);

create temp table old_line as
select lines.*
from old.line_in_basis as lines
semi join followed on lines.order_line_id = followed.order_line_id and lines.basis = followed.basis
where lines.ordered_on < getvariable('from_as_of');

create temp table new_line as
select lines.*
from new.line_in_basis as lines
semi join followed on lines.order_line_id = followed.order_line_id and lines.basis = followed.basis
where lines.ordered_on < getvariable('to_as_of');

-- Who shared a line: as told then, under today's ids, and as told now.
create temp table split as
with
    told as (
        select 'told' as sellers, a.order_line_id, a.crm_user_id, a.basis, a.split_pct, a.revenue_amount,
            a.gross_margin_amount
        from old.share_in_basis as a
        semi join old_line as b on a.order_line_id = b.order_line_id and a.basis = b.basis
    )
select * from told
union all
select
    'renamed', told.order_line_id, coalesce(alias.shown_id, told.crm_user_id), told.basis, sum(told.split_pct),
    sum(told.revenue_amount),
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
full join (select * from split where sellers = 'new' and basis = 'nominal') as b on a.order_line_id = b.order_line_id
    and a.crm_user_id = b.crm_user_id
where a.split_pct is distinct from b.split_pct;

create temp table is_renamed as
select distinct told.order_line_id
from split as told
semi join alias on alias.id_kind = 'crm_user' and told.crm_user_id = alias.alias_id
where told.sellers = 'told';

-- Each line that both sides count. The rate is another where the same money makes another amount; where the money
-- changed too, what the former money makes at today's rate stands between.
create temp table walked as
with
    paired as (
        select
            a as o,
            b as n,
            case when a.delivered_account_id is not distinct from b.delivered_account_id then b.account_id
                else a.account_id end as renamed_account_id,
            case when a.delivered_crm_user_id is not distinct from b.delivered_crm_user_id then b.crm_user_id
                else a.crm_user_id end as renamed_crm_user_id,
            case
                when a.currency is distinct from b.currency or a.ordered_on <> b.ordered_on or a.net_amount = 0
                    or b.net_amount = 0
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
                when a.account_id in (select account_id from renamed_customer)
                    or b.account_id in (select account_id from renamed_customer)
                then 'renamed'
                else 'old'
            end as renamed_side,
            b.account_id in (select account_id from moved_customer)
                or b.territory_id in (select territory_id from moved_territory) as has_moved
        from old_line as a
        inner join new_line as b on a.order_line_id = b.order_line_id and a.basis = b.basis
        left join is_split_otherwise as otherwise on a.order_line_id = otherwise.order_line_id
        left join is_renamed as renamed on a.order_line_id = renamed.order_line_id
    ),

    rated as (
        select
            *,
            -- A rate or an index that hardly moved moves the cost alone, in the last decimals.
            case
                when rated_amount <> o.revenue_amount
                then n.gross_margin_amount
                when o.basis <> 'nominal' and abs(n.gross_margin_amount - o.gross_margin_amount) < 0.001
                then n.gross_margin_amount
                else o.gross_margin_amount
            end as rated_margin,
            case when has_moved then 'moved' else renamed_side end as moved_side,
            case when n.account_id in (select account_id from ruled_customer) then 'new'
                else moved_side end as ruled_side
        from paired
    )
-- Of most lines the amount alone is another, and by its rate: they take no other step, wherever they stand.
select
    *,
    row(o.account_id, o.crm_user_id, o.ordered_on, o.fiscal_year, o.channel, o.territory_id, rated_amount,
        rated_margin, split_sellers, ruled_side)
    is not distinct from
    row(n.account_id, n.crm_user_id, n.ordered_on, n.fiscal_year, n.channel, n.territory_id, n.revenue_amount,
        n.gross_margin_amount, 'told', 'old')
    and o.order_line_id not in (select order_line_id from affected) as is_rated_alone
from rated;

-- The others at each step of their way.
create temp table state as
with walked as (select * from walked where not is_rated_alone)
select 0 as step, null as cause, o.order_line_id, o.basis, o.account_id, o.crm_user_id, o.ordered_on, o.fiscal_year,
    o.channel, o.territory_id, o.revenue_amount,
    o.gross_margin_amount, 'told' as sellers, 'old' as side, 'old' as groups
from walked
union all
select 1, 'merged', o.order_line_id, o.basis, renamed_account_id, renamed_crm_user_id, o.ordered_on, o.fiscal_year,
    o.channel, o.territory_id, o.revenue_amount,
    o.gross_margin_amount, renamed_sellers, renamed_side, 'old'
from walked
union all
select 2, 'rate', o.order_line_id, o.basis, renamed_account_id, renamed_crm_user_id, o.ordered_on, o.fiscal_year,
    o.channel, o.territory_id, rated_amount,
    rated_margin, renamed_sellers, renamed_side, 'old'
from walked
union all
select 3, 'corrected', o.order_line_id, o.basis, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel,
    n.territory_id, n.revenue_amount,
    n.gross_margin_amount, renamed_sellers, renamed_side, 'old'
from walked
union all
select 4, 're-split', o.order_line_id, o.basis, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel,
    n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, renamed_side, 'old'
from walked
union all
select 5, 'moved', o.order_line_id, o.basis, n.account_id, n.crm_user_id, n.ordered_on, corrected_year, n.channel,
    n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, moved_side, 'new'
from walked
union all
select 6, 'rule', o.order_line_id, o.basis, n.account_id, n.crm_user_id, n.ordered_on, n.fiscal_year, n.channel,
    n.territory_id, n.revenue_amount,
    n.gross_margin_amount, split_sellers, ruled_side, 'new'
from walked;

-- What became of each line that both sides count, cause by cause.
create temp table line_change as
select
    a.order_line_id,
    sum(if(b.cause = 'rate', b.revenue_amount - a.revenue_amount, 0)) as rate_amount,
    sum(if(b.cause = 'corrected', b.revenue_amount - a.revenue_amount, 0)) as corrected_amount,
    bool_or(b.cause = 'merged' and row(a.account_id, a.crm_user_id, a.sellers, a.side)
        is distinct from row(b.account_id, b.crm_user_id, b.sellers, b.side))
    as is_merged,
    bool_or(b.cause = 're-split' and a.sellers <> b.sellers) as is_split_otherwise,
    bool_or(b.cause = 'corrected' and row(a.account_id, a.crm_user_id, a.ordered_on)
        is distinct from row(b.account_id, b.crm_user_id, b.ordered_on))
    as is_corrected,
    bool_or(b.cause = 'moved' and a.side <> b.side) as is_moved
from state as a
inner join state as b on a.order_line_id = b.order_line_id and a.basis = b.basis and a.step + 1 = b.step
where a.basis = 'nominal'
group by 1
union all
select o.order_line_id, n.revenue_amount - o.revenue_amount, 0, false, false, false, false
from walked
where is_rated_alone and o.basis = 'nominal';

-- What each cause takes out and puts in.
create temp table signed as
with
    followed as (
        select b.cause, a as before_step, b as after_step
        from state as a
        inner join state as b on a.order_line_id = b.order_line_id and a.basis = b.basis and a.step + 1 = b.step
        where
            row(a.account_id, a.crm_user_id, a.ordered_on, a.fiscal_year, a.channel, a.territory_id, a.revenue_amount,
                a.gross_margin_amount, a.sellers, a.side,
                a.groups)
            is distinct from
            row(b.account_id, b.crm_user_id, b.ordered_on, b.fiscal_year, b.channel, b.territory_id, b.revenue_amount,
                b.gross_margin_amount, b.sellers, b.side,
                b.groups)
    ),

    told as (
        select cause as because, 1 as sign, unnest(after_step) from followed
        union all
        select cause, -1, unnest(before_step) from followed
        union all
        select
            'rate', unnest([1, -1]), 2, 'rate', o.order_line_id, o.basis, o.account_id, o.crm_user_id, o.ordered_on,
            o.fiscal_year, o.channel, o.territory_id,
            unnest([n.revenue_amount, o.revenue_amount]), unnest([n.gross_margin_amount, o.gross_margin_amount]),
            'told', 'old', 'old'
        from walked
        where is_rated_alone
    )
select * exclude (step, cause), 'line' as kind, revenue_amount as touched_amount from told
union all
-- Only one side counts it: told after its day was over, of a day that came since, or taken back by its source.
select
    case when ordered_on < getvariable('from_as_of') then 'late' else 'new' end, 1, order_line_id, basis, account_id,
    crm_user_id, ordered_on, fiscal_year, channel,
    territory_id, revenue_amount, gross_margin_amount, 'new', 'new', 'new', 'line', revenue_amount
from new_line
anti join old_line using (order_line_id, basis)
union all
select 'corrected', -1, order_line_id, basis, account_id, crm_user_id, ordered_on, fiscal_year, channel, territory_id,
    revenue_amount, gross_margin_amount, 'told', 'old', 'old', 'line',
    revenue_amount
from old_line
anti join new_line using (order_line_id, basis);

-- A customer that was won otherwise because its first line came late, or was corrected, moved for that reason.
update signed
set because = firsts.because
from (
    select moved.account_id, max(told.because) as because
    from moved_customer as moved
    inner join signed as told
        on moved.account_id = told.account_id
            and (told.ordered_on = moved.acquired_before_on or told.ordered_on = moved.acquired_on)
    where told.because in ('corrected', 'late') and moved.acquired_before_on is distinct from moved.acquired_on
    group by moved.account_id
) as firsts
where signed.account_id = firsts.account_id and signed.because = 'moved';
