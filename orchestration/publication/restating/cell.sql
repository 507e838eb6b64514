-- What moved in the sums that goals are measured by. As sold: of who sold, the team that they were in, the territory
-- of the order. Through the other lenses: of who owned the account at the end of the goal's period, or owns it now. A
-- goal that one side alone knows is not looked at line by line, nor is one that is another's or of other days now:
-- all of its change is the goal's own.
create temp table reached as
with
    goals as (
        select * from (select * from old.goal intersect select * from new.goal) as same
        where metric in ('revenue', 'gross_margin')
    ),

    periods as (select distinct period_start_on, period_end_on from goals),

    read_by as (
        select
            placed.basis, lenses.lens, lenses.read_on, periods.period_start_on, periods.period_end_on, placed.groups,
            placed.because, placed.is_closed,
            coalesce(owners.crm_user_id, 'unknown') as crm_user_id,
            sum(placed.sign * placed.revenue_amount) as revenue_amount,
            sum(placed.sign * placed.gross_margin_amount) as gross_margin_amount
        from placed
        inner join periods on placed.ordered_on >= periods.period_start_on
            and placed.ordered_on < periods.period_end_on
        cross join lateral (
            select unnest(['as_was', 'as_is']) as lens, unnest([
                least(periods.period_end_on,
                    if(placed.groups = 'old', getvariable('from_as_of'), getvariable('to_as_of'))),
                if(placed.groups = 'old', getvariable('from_as_of'), getvariable('to_as_of'))
            ]) - 1 as read_on
        ) as lenses
        left join owner_side as owners
            on placed.groups = owners.groups
            and placed.account_id = owners.account_id
            and lenses.read_on >= owners.valid_from_on
            and lenses.read_on < owners.valid_to_on
        where placed.kind = 'line'
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    ),

    read_in_group as (
        select reads.*, coalesce(groups.team_id, 'unknown') as team_id,
            coalesce(groups.territory_id, 'unknown') as territory_id
        from read_by as reads
        left join group_side as groups
            on reads.groups = groups.groups
            and reads.crm_user_id = groups.crm_user_id
            and reads.read_on >= groups.valid_from_on
            and reads.read_on < groups.valid_to_on
    ),

    as_read as (
        select
            basis, lens, period_start_on, period_end_on, because, is_closed, revenue_amount, gross_margin_amount,
            unnest(map_entries(map {'rep': crm_user_id, 'team': team_id, 'territory': territory_id,
                'company': 'company'})) as owner
        from read_in_group
    ),

    as_sold as (
        select
            sold.basis, periods.period_start_on, periods.period_end_on, sold.because, sold.is_closed,
            sold.crm_user_id, sold.team_id, null as territory_id,
            sum(sold.revenue_amount) as revenue_amount, sum(sold.gross_margin_amount) as gross_margin_amount
        from sold_by as sold
        inner join periods on sold.ordered_on >= periods.period_start_on and sold.ordered_on < periods.period_end_on
        where sold.kind = 'line'
        group by 1, 2, 3, 4, 5, 6, 7
        union all
        select
            placed.basis, periods.period_start_on, periods.period_end_on, placed.because, placed.is_closed, null,
            null, placed.territory_id,
            sum(placed.sign * placed.revenue_amount), sum(placed.sign * placed.gross_margin_amount)
        from placed
        inner join periods on placed.ordered_on >= periods.period_start_on
            and placed.ordered_on < periods.period_end_on
        where placed.kind = 'line'
        group by 1, 2, 3, 4, 5, 8
    ),

    as_told as (
        select
            basis, 'as_sold' as lens, period_start_on, period_end_on, because, is_closed, revenue_amount,
            gross_margin_amount,
            unnest(map_entries(
                if(crm_user_id is null, map {'company': 'company', 'territory': territory_id},
                    map {'rep': crm_user_id, 'team': team_id})
            )) as owner
        from as_sold
        union all by name
        select * from as_read
    )
select goals.goal_id, goals.goal_version, events.lens, events.basis, events.because, events.is_closed,
    if(goals.metric = 'revenue', events.revenue_amount, events.gross_margin_amount) as actual_amount
from as_told as events
inner join goals
    on events.owner.key = goals.owner_type
    and events.owner.value = goals.owner_id
    and events.period_start_on = goals.period_start_on
    and events.period_end_on = goals.period_end_on;

-- Where a territory stands elsewhere in the tree now, all that it has moves there; that the years of a career may
-- stand apart is heeded.
create temp table tree_change as
select 1 as sign, *
from (
    select * exclude (groups) from tree where groups = 'new'
    except
    select * exclude (groups) from tree where groups = 'old'
) as come
union all
select -1, *
from (
    select * exclude (groups) from tree where groups = 'old'
    except
    select * exclude (groups) from tree where groups = 'new'
) as gone;

create temp table tree_move as
with
    moved as (
        select
            cells.* exclude (holder, lens, fiscal_year), changed.lens,
            group_called('territory_tree', changed.tree_territory_id) as holder,
            changed.fiscal_year, changed.sign * cells.amount as amount_moved
        from tree_change as changed
        inner join new.territory_cell as cells
            on cells.holder = group_called('territory', changed.territory_id)
            and cells.lens = changed.lens
            and cells.fiscal_year = changed.fiscal_year
        where cells.amount is not null
    )
select
    holder || ', reading=' || reading || ', fiscal_year=' || fiscal_year
        || if(age_months is null, '', ', age_months=' || age_months) || ', lens=' || lens || ', basis='
    || basis || ', value_measure=' || value_measure || ', cost_basis=actual' as row_key, column_name, amount_moved
from moved
union all
select
    holder || ', reading=career, lens=' || lens || ', basis=' || basis || ', value_measure=' || value_measure
        || ', cost_basis=actual',
    column_name, amount_moved
from moved
where
    (reading = 'cohort' and age_months is null and column_name in ('value_amount', 'realised_ltv_amount'))
    or (reading = 'year' and contains(column_name, 'cost_amount'));

-- The same for what is no sum of lines.
insert into touch
select
    unnest(['line', 'place']), cells.reading, group_called('territory_tree', changed.tree_territory_id), cells.lens,
    coalesce(cells.fiscal_year, -1), cells.basis,
    'moved', null, abs(sum(cells.amount)), false
from tree_change as changed
inner join new.territory_cell as cells
    on cells.holder = group_called('territory', changed.territory_id)
    and cells.lens = changed.lens
    and (cells.fiscal_year = changed.fiscal_year or cells.reading = 'career')
where cells.column_name = 'value_amount' and cells.value_measure not in ('revenue', 'gross_margin')
    and cells.amount <> 0
group by cells.reading, changed.tree_territory_id, cells.lens, cells.fiscal_year, cells.basis;

-- The rows in which a figure changed, numbered in the order of the text by which they are called: texts are compared
-- once a row.
create temp table cell_row as
select table_name, row_key, row_number() over (order by table_name, row_key) as row_number
from (select distinct table_name, row_key from cell) as called;

create temp table numbered_cell as
select rows.row_number, cells.* exclude (table_name, row_key), cells.table_name
from cell as cells
inner join cell_row as rows on cells.table_name = rows.table_name and cells.row_key = rows.row_key;

-- What moved in each of them.
create temp table moved_cell as
with
    lenses as (select unnest(['as_sold', 'as_was', 'as_is']) as lens),

    -- Under a measure that the company declares a line has no amount of its own: what it stands on is looked at
    -- apart.
    measures as (select distinct value_measure, value_measure in ('revenue', 'gross_margin') as is_of_lines
        from new.measure),

    bases_of_cost as (select 'rep_value' as table_name, unnest(['actual', 'standard']) as cost_basis
        union all select 'group_value', 'actual'),

    figures as (
        select
            held.table_name,
            held.holder
            || ', reading=' || held.reading
            || if(held.reading = 'career', '', ', fiscal_year=' || held.fiscal_year)
            || if(held.age_months is null, '', ', age_months=' || held.age_months)
            || ', lens=' || lenses.lens
            || ', basis=' || held.basis || ', value_measure=' || measures.value_measure
            || if(held.table_name = 'segment_value', '', ', cost_basis=' || bases_of_cost.cost_basis) as row_key,
            held.reading,
            held.because,
            held.is_closed,
            held.revenue_amount,
            if(measures.value_measure = 'revenue', held.revenue_amount, held.gross_margin_amount) as value_amount,
            held.cost_amount,
            held.shared_cost_amount,
            held.management_cost_amount,
            measures.is_of_lines
        from held
        cross join measures
        inner join lenses on held.lens is null or held.lens = lenses.lens
        left join bases_of_cost on held.table_name = bases_of_cost.table_name
        where held.revenue_amount <> 0 or held.gross_margin_amount <> 0 or held.cost_amount <> 0
    ),

    -- Of a row that has a figure for each: its columns.
    by_row as (
        select
            rows.row_number,
            unnest([
                if(reading = 'year', 'revenue_amount', 'realised_ltv_amount'), if(reading = 'year', 'tcv_amount', ''),
                if(is_of_lines, 'value_amount', ''),
                'cost_amount', 'direct_cost_amount', 'shared_cost_amount', 'management_cost_amount'
            ]) as column_name,
            because, is_closed,
            unnest([
                if(reading = 'year', revenue_amount, value_amount), revenue_amount, value_amount, cost_amount,
                cost_amount - shared_cost_amount - management_cost_amount, shared_cost_amount, management_cost_amount
            ]) as amount
        from figures
        inner join cell_row as rows on figures.table_name = rows.table_name and figures.row_key = rows.row_key
    ),

    called as (
        select 'group_value' as table_name, row_key, column_name, 'moved' as because,
            cast(null as boolean) as is_closed, amount_moved as amount from tree_move
        union all
        select 'goal_attainment',
            'goal_id=' || goal_id || ', goal_version=' || goal_version || ', lens=' || lens || ', basis=' || basis,
            'actual_amount', because, is_closed,
            actual_amount
        from reached
        union all
        select
            'goal_attainment', cells.row_key, 'actual_amount',
            if(a.owner_type = 'rep' and alias.shown_id = b.owner_id, 'merged', 'corrected'), null,
            cells.change_amount
        from old.goal as a
        inner join new.goal as b on a.goal_id = b.goal_id and a.goal_version = b.goal_version and a is distinct from b
        inner join cell as cells on cells.table_name = 'goal_attainment'
            and starts_with(cells.row_key, 'goal_id=' || b.goal_id || ', goal_version=' || b.goal_version || ', ')
        left join alias on alias.id_kind = 'crm_user' and a.owner_id = alias.alias_id
        where not cells.has_come and not cells.has_gone
        union all
        -- What a goal that was not there had reached, or one that is there no more.
        select table_name, row_key, column_name, if(has_come, 'new', 'corrected'), null, change_amount
        from cell
        where table_name = 'goal_attainment' and (has_come or has_gone)
        union all
        select
            'fct_credit',
            'order_line_id=' || order_line_id || ', crm_user_id=' || crm_user_id || ', credit_role=' || credit_role
                || ', credited_on=' || credited_on || ', reason='
            || reason,
            'credited_amount', because,
            exists (select 1 from old.closed as closed
                where credited_on >= closed.month_on and credited_on < closed.end_on), credited_amount
        from credit_step
        union all
        select 'company_revenue', 'fiscal_year=' || fiscal_year || ', channel=' || channel || ', basis=' || basis,
            'revenue_amount', because, is_closed,
            sign * revenue_amount
        from placed
        union all
        select 'customer_lifetime_value', 'account_id=' || account_id || ', basis=' || basis,
            unnest(['realised_ltv_amount', 'realised_margin_amount']), because, is_closed,
            sign * unnest([revenue_amount, gross_margin_amount])
        from placed
        union all
        select
            'fct_rep_cost',
            'crm_user_id=' || crm_user_id || ', employee_number=' || employee_number || ', month_on=' || month_on
                || ', fiscal_year=' || fiscal_year || ', component='
            || component || ', currency=' || currency,
            unnest([if(basis = 'nominal', '', basis || '_') || 'cost_amount', 'cost_local_amount']), because,
            is_closed,
            unnest([cost_amount, if(basis = 'nominal', cost_local_amount, 0)])
        from cost_step
        where is_row
    ),

    told as (
        select * from by_row
        union all
        select rows.row_number, called.column_name, called.because, called.is_closed, called.amount
        from called
        inner join cell_row as rows on called.table_name = rows.table_name and called.row_key = rows.row_key
    )
select
    row_number, column_name, because as cause, sum(amount) as change_amount,
    sum(case when is_closed then amount when not is_closed then 0 end) as closed_change_amount
from told
where amount <> 0
group by 1, 2, 3;
