-- Costs are published by rep, employee, month, component and currency: such a row is what is compared. Of one that
-- stands under another rep now, and nowhere else, the rep was matched otherwise.
create temp view told_cost as
select * from old.rep_cost where basis in (select basis from basis);

create temp view known_cost as
select * from new.rep_cost where basis in (select basis from basis);

-- Each row that is another: what it was and what it is, null where it was not there or is no more. Where both are
-- told, because is what a row that stands on one side alone is to be told as.
create temp table cost_pair as
with
    changed as (
        select
            coalesce(a.basis, b.basis) as basis, coalesce(a.crm_user_id, b.crm_user_id) as crm_user_id,
            coalesce(a.employee_number, b.employee_number) as employee_number,
            coalesce(a.month_on, b.month_on) as month_on,
            coalesce(a.component, b.component) as component, coalesce(a.currency, b.currency) as currency,
            a.fiscal_year as old_fiscal_year, a.cost_amount as old_amount, a.cost_local_amount as old_local_amount,
            b.fiscal_year as new_fiscal_year, b.cost_amount as new_amount, b.cost_local_amount as new_local_amount
        from told_cost as a
        full join known_cost as b
            on a.basis = b.basis
            and a.crm_user_id = b.crm_user_id
            and a.employee_number = b.employee_number
            and a.month_on = b.month_on
            and a.fiscal_year = b.fiscal_year
            and a.component = b.component
            and a.currency = b.currency
        where
            a.fiscal_year is null
            or b.fiscal_year is null
            or a.cost_amount is distinct from b.cost_amount
            or a.cost_local_amount is distinct from b.cost_local_amount
    ),

    -- Of a month that is cut otherwise all that a rep cost goes from the years of then to those of now; what more or
    -- less it is, before that.
    recut as (
        select
            *,
            sum(coalesce(new_amount, 0) - coalesce(old_amount, 0)) over whole as more_amount,
            sum(coalesce(new_local_amount, 0) - coalesce(old_local_amount, 0)) over whole as more_local_amount,
            old_fiscal_year = min(old_fiscal_year) over whole as is_first
        from changed
        where month_on in (select month_on from recut_month)
        window whole as (partition by basis, crm_user_id, employee_number, month_on, component, currency)
        qualify count(old_fiscal_year) over whole > 0 and count(new_fiscal_year) over whole > 0
    ),

    others as (
        select * from changed
        anti join (select distinct basis, crm_user_id, employee_number, month_on, component, currency from recut)
            as recut
            using (basis, crm_user_id, employee_number, month_on, component, currency)
    ),

    gone as (
        select *, count(*) over (partition by basis, employee_number, month_on, old_fiscal_year, component, currency)
            as likes
        from others
        where new_fiscal_year is null
    ),

    come as (
        select *, count(*) over (partition by basis, employee_number, month_on, new_fiscal_year, component, currency)
            as likes
        from others
        where old_fiscal_year is null
    ),

    matched as (
        select gone.* exclude (likes, new_fiscal_year, new_amount, new_local_amount),
            come.crm_user_id as new_crm_user_id, come.new_fiscal_year, come.new_amount,
            come.new_local_amount
        from gone
        inner join come
            on gone.basis = come.basis
            and gone.employee_number = come.employee_number
            and gone.month_on = come.month_on
            and gone.old_fiscal_year = come.new_fiscal_year
            and gone.component = come.component
            and gone.currency = come.currency
        where gone.likes = 1 and come.likes = 1
    )
select *, crm_user_id as new_crm_user_id, cast(null as varchar) as because from others
where old_fiscal_year is not null and new_fiscal_year is not null
union all by name
select *, null as because from matched
union all by name
select gone.* exclude (likes), crm_user_id as new_crm_user_id, null as because
from gone
anti join matched using (basis, crm_user_id, employee_number, month_on, old_fiscal_year, component, currency)
union all by name
select come.* exclude (likes), crm_user_id as new_crm_user_id, null as because
from come
anti join (select * exclude (crm_user_id), new_crm_user_id as crm_user_id from matched) as matched
    using (basis, crm_user_id, employee_number, month_on, new_fiscal_year, component, currency)
union all by name
select basis, crm_user_id, crm_user_id as new_crm_user_id, employee_number, month_on, component, currency,
    null as because, true as is_of_whole_month,
    old_fiscal_year, old_amount, old_local_amount, old_fiscal_year as new_fiscal_year,
    old_amount + more_amount as new_amount,
    old_local_amount + more_local_amount as new_local_amount
from recut
where is_first and (more_amount <> 0 or more_local_amount <> 0)
union all by name
select basis, crm_user_id, crm_user_id as new_crm_user_id, employee_number, month_on, component, currency,
    'rule' as because,
    old_fiscal_year, old_amount + if(is_first, more_amount, 0) as old_amount,
    old_local_amount + if(is_first, more_local_amount, 0) as old_local_amount
from recut
where old_fiscal_year is not null
union all by name
select basis, crm_user_id, crm_user_id as new_crm_user_id, employee_number, month_on, component, currency,
    'rule' as because,
    new_fiscal_year, new_amount, new_local_amount
from recut
where new_fiscal_year is not null;

-- The answers count a month that has begun, and of one that a year's end cuts the years that have: is_answer is of
-- them, is_row of what is published row by row. A row that is the same counts in the answers since its month began.
create temp table counted_pair as
with
    pairs as (
        select *, false as is_same from cost_pair
        union all by name
        select same.* exclude (fiscal_year, cost_amount, cost_local_amount), same.crm_user_id as new_crm_user_id,
            same.fiscal_year as old_fiscal_year,
            same.cost_amount as old_amount, same.cost_local_amount as old_local_amount,
            same.fiscal_year as new_fiscal_year, same.cost_amount as new_amount,
            same.cost_local_amount as new_local_amount, true as is_same
        from (
            select * from told_cost
            where month_on >= date_trunc('month', least(getvariable('from_as_of'), getvariable('to_as_of')))
            intersect
            select * from known_cost
        ) as same
    ),

    dated as (
        select
            *,
            old_fiscal_year is not null
            and month_on < getvariable('from_as_of')
            and old_fiscal_year <= (select max(fiscal_year) from old.day where date_on < getvariable('from_as_of'))
                as counts_then,
            new_fiscal_year is not null
            and month_on < getvariable('to_as_of')
            and new_fiscal_year <= (select max(fiscal_year) from new.day where date_on < getvariable('to_as_of'))
                as counts_now
        from pairs
    )
select
    * exclude (is_same, counts_then, counts_now), true as is_row,
    counts_then = (old_fiscal_year is not null) and counts_now = (new_fiscal_year is not null) as is_answer
from dated
where not is_same
union all by name
select
    * exclude (is_same, counts_then, counts_now, old_fiscal_year, old_amount, old_local_amount, new_fiscal_year,
        new_amount, new_local_amount),
    if(counts_then, old_fiscal_year, null) as old_fiscal_year, if(counts_then, old_amount, null) as old_amount,
    if(counts_then, old_local_amount, null) as old_local_amount,
    if(counts_now, new_fiscal_year, null) as new_fiscal_year,
    if(counts_now, new_amount, null) as new_amount, if(counts_now, new_local_amount, null) as new_local_amount,
    false as is_row, true as is_answer
from dated
where
    if(is_same, counts_then <> counts_now, (counts_then or counts_now)
        and (counts_then <> (old_fiscal_year is not null) or counts_now <> (new_fiscal_year is not null)));

create macro of_part(component, part, amount)
    as if(list_contains(getvariable(part || '_parts'), component), amount, 0);

create macro is_apart(component) as
    list_contains(getvariable('apart'), component)
    and not (component = 'paid_leave' and (select version from new.cost_version) < 3)
    and (select version from new.cost_version) > 1;

-- Of a row that was there before, the lines that were first told since. The warehouse knows them; lines of a later
-- night are not looked at. Year -1 is all of a month, for what a month cost more whose years' ends cut it otherwise.
create temp table late_cost as
select
    basis, crm_user_id, employee_number, cast(date_trunc('month', month_on) as date) as month_on, year as fiscal_year,
    component, currency, sum(cost_amount) as cost_amount,
    sum(cost_local_amount) as cost_local_amount
from (
    select *, unnest([fiscal_year, -1]) as year
    from warehouse_line.cost
    where first_told_on > getvariable('from_as_of') and first_told_on <= getvariable('to_as_of')
) as lines
group by 1, 2, 3, 4, 5, 6, 7;

-- What each cause takes out of a row of cost and puts in. Under another definition of cost no row says what a line
-- did.
create temp table cost_walk as
with
    rated as (
        select
            pairs.*,
            coalesce(late.cost_amount, 0) as late_amount,
            coalesce(late.cost_local_amount, 0) as late_local_amount,
            -- Days of a month have rates of their own: where the local amount moved too, nobody knows what of it the
            -- rate did.
            if(
                pairs.old_local_amount = pairs.new_local_amount - late_local_amount, pairs.new_amount - late_amount,
                pairs.old_amount
            ) as rated_amount
        from counted_pair as pairs
        left join late_cost as late
            on pairs.old_fiscal_year is not null
            and pairs.basis = late.basis
            and pairs.new_crm_user_id = late.crm_user_id
            and pairs.employee_number = late.employee_number
            and pairs.month_on = late.month_on
            and if(pairs.is_of_whole_month, -1, pairs.new_fiscal_year) = late.fiscal_year
            and pairs.component = late.component
            and pairs.currency = late.currency
        where (select version from old.cost_version) = (select version from new.cost_version)
    ),

    paired as (select * from rated where old_fiscal_year is not null and new_fiscal_year is not null),

    steps as (
        select
            * exclude (because, crm_user_id), 'merged' as told_because,
            unnest([crm_user_id, new_crm_user_id]) as crm_user_id, old_fiscal_year as fiscal_year,
            unnest([- old_amount, old_amount]) as cost_amount,
            unnest([- old_local_amount, old_local_amount]) as cost_local_amount
        from paired
        where crm_user_id <> new_crm_user_id
        union all by name
        select
            * exclude (because, crm_user_id), unnest(['rate', 'corrected', 'late']) as told_because,
            new_crm_user_id as crm_user_id, old_fiscal_year as fiscal_year,
            unnest([rated_amount - old_amount, new_amount - rated_amount - late_amount, late_amount]) as cost_amount,
            unnest([0, new_local_amount - old_local_amount - late_local_amount, late_local_amount])
                as cost_local_amount
        from paired
        union all by name
        select
            * exclude (because), coalesce(because, 'corrected') as told_because, old_fiscal_year as fiscal_year,
            - old_amount as cost_amount,
            - old_local_amount as cost_local_amount
        from rated
        where new_fiscal_year is null
        union all by name
        select
            * exclude (because, crm_user_id),
            coalesce(because, if(last_day(month_on) < getvariable('from_as_of'), 'late', 'new')) as told_because,
            new_crm_user_id as crm_user_id, new_fiscal_year as fiscal_year, new_amount as cost_amount,
            new_local_amount as cost_local_amount
        from rated
        where old_fiscal_year is null
    )
select
    steps.is_row,
    steps.is_answer,
    -- A month that was not over has as many causes as days: what came in it is new.
    if(steps.told_because in ('corrected', 'late')
        and last_day(steps.month_on) >= getvariable('from_as_of'), 'new', steps.told_because) as because,
    closed.month_on is not null as is_closed,
    steps.basis,
    steps.crm_user_id,
    steps.employee_number,
    steps.month_on,
    steps.fiscal_year,
    steps.component,
    steps.currency,
    steps.cost_amount,
    steps.cost_local_amount
from steps
left join old.closed as closed on steps.month_on >= closed.month_on and steps.month_on < closed.end_on
where steps.cost_amount <> 0 or steps.cost_local_amount <> 0;

-- What is shared, or paid for leave, has no line of its own: its causes are those of what it is made of.
create temp table cost_news as
select told.component, told.employee_number, told.coached_by, months.month_on, told.because
from warehouse_line.cost_news as told
inner join (select distinct month_on from cost_walk) as months on months.month_on < told.to_on
    and last_day(months.month_on) >= told.from_on;

create macro is_carried(component) as component in ('coaching', 'management')
    or list_contains(getvariable('shared_parts'), component);

-- Leave moves what somebody was paid from one part to another, and no more.
create temp table leave_cause as
with
    within as (
        select employee_number, month_on
        from cost_walk
        where is_row and not is_carried(component)
        group by 1, 2
        having sum(cost_local_amount) = 0
    )
select leaves.employee_number, leaves.month_on, min(leaves.because) as because
from cost_news as leaves
inner join within on leaves.employee_number = within.employee_number and leaves.month_on = within.month_on
where leaves.component = 'paid_leave'
group by 1, 2
having count(distinct leaves.because) = 1;

create temp table own_cause as
select distinct
    walked.employee_number, walked.month_on,
    if(walked.because in ('corrected', 'late'), coalesce(leaves.because, walked.because), walked.because) as because
from cost_walk as walked
left join leave_cause as leaves on walked.employee_number = leaves.employee_number
    and walked.month_on = leaves.month_on
where not is_carried(walked.component);

-- What moved in who sold how much in a month.
create temp table sold_month as
select distinct month_on, because
from (
    select crm_user_id, cast(date_trunc('month', ordered_on) as date) as month_on, because
    from shared
    where kind = 'line' and basis = 'nominal'
    group by 1, 2, 3
    having sum(revenue_amount) <> 0
) as sold;

-- A pool or a rule told since moves the pool's part of a month; a manager's own cost, or a session, what others carry
-- of it. Where several did, nobody knows what each did to a share, and it stays corrected.
create temp table share_cause as
with
    carried as (
        select carried.component, carried.employee_number, carried.month_on, own.because
        from warehouse_line.carried_cost as carried
        inner join own_cause as own
            on carried.from_employee_number = own.employee_number and carried.month_on = own.month_on
        union
        select carried.component, carried.employee_number, carried.month_on, told.because
        from warehouse_line.carried_cost as carried
        inner join cost_news as told on carried.from_crm_user_id = told.coached_by
            and carried.month_on = told.month_on
    ),

    parts as (select distinct component, employee_number, month_on from cost_walk where is_carried(component)),

    causes as (
        select parts.*, carried.because
        from parts
        inner join carried
            on parts.component = carried.component and parts.employee_number = carried.employee_number
                and parts.month_on = carried.month_on
        union
        select parts.*, told.because
        from parts
        inner join cost_news as told on parts.component = told.component and parts.month_on = told.month_on
        union
        -- What goes by revenue is moved by what moved who sold how much.
        select parts.*, sold.because
        from parts
        inner join warehouse_line.revenue_pool as pools on parts.component = pools.component
            and parts.month_on = pools.month_on
        inner join sold_month as sold on parts.month_on = sold.month_on
        union
        -- Who is on leave carries nothing, and so others do; a manager's share is gone.
        select parts.*, leaves.because
        from parts
        inner join leave_cause as leaves on parts.month_on = leaves.month_on
    )
select component, employee_number, month_on, min(because) as because from causes group by 1, 2, 3
having count(distinct because) = 1;

create temp table cost_step as
select
    walked.* replace (
        if(
            walked.because in ('corrected', 'late'),
            coalesce(causes.because, if(is_carried(walked.component), null, leaves.because), walked.because),
            walked.because
        ) as because
    )
from cost_walk as walked
left join leave_cause as leaves on walked.employee_number = leaves.employee_number
    and walked.month_on = leaves.month_on
left join share_cause as causes
    on walked.employee_number = causes.employee_number and walked.month_on = causes.month_on
        and walked.component = causes.component;

-- The last day of a month, or of the part of it that is in a fiscal year: a group has what its members cost then.
create temp table month_end as
select cast(date_trunc('month', date_on) as date) as month_on, fiscal_year, max(date_on) as last_day_on from new.day
group by 1, 2;

-- Cost by group: every step in the groups of then, and all of it from these to the groups of now.
create temp table group_cost as
with
    moved as (
        select counted.basis, counted.crm_user_id, counted.month_on, counted.fiscal_year,
            sum(counted.cost_amount) as cost_amount,
            sum(of_part(component, 'shared', counted.cost_amount)) as shared_cost_amount,
            sum(of_part(component, 'management', counted.cost_amount)) as management_cost_amount
        from known_cost as counted
        where
            counted.crm_user_id in (select id from read_otherwise where kind = 'rep')
            and counted.month_on < getvariable('to_as_of')
            and counted.fiscal_year <= (select max(fiscal_year) from new.day where date_on < getvariable('to_as_of'))
            and (select version from old.cost_version) = (select version from new.cost_version)
        group by 1, 2, 3, 4
    ),

    steps as (
        select basis, because, is_closed, crm_user_id, month_on, fiscal_year, 'old' as groups, cost_amount,
            of_part(component, 'shared', cost_amount) as shared_cost_amount,
            of_part(component, 'management', cost_amount) as management_cost_amount
        from cost_step
        where is_answer
        union all
        select
            basis,
            if(last_day(month_on) < getvariable('from_as_of'), 'moved', 'new'),
            exists (select 1 from old.closed as closed
                where moved.month_on >= closed.month_on and moved.month_on < closed.end_on),
            crm_user_id,
            month_on,
            fiscal_year,
            unnest(['old', 'new']),
            unnest([- cost_amount, cost_amount]),
            unnest([- shared_cost_amount, shared_cost_amount]),
            unnest([- management_cost_amount, management_cost_amount])
        from moved
    )
select
    steps.basis,
    lenses.lens,
    steps.because,
    steps.is_closed,
    steps.fiscal_year,
    coalesce(groups.team_id, 'unknown') as team_id,
    coalesce(groups.manager_crm_user_id, 'unknown') as manager_crm_user_id,
    coalesce(groups.territory_id, 'unknown') as territory_id,
    sum(steps.cost_amount) as cost_amount,
    sum(steps.shared_cost_amount) as shared_cost_amount,
    sum(steps.management_cost_amount) as management_cost_amount
from steps
inner join lens_day as lenses on steps.groups = lenses.groups and steps.fiscal_year = lenses.fiscal_year
left join month_end on steps.month_on = month_end.month_on and steps.fiscal_year = month_end.fiscal_year
left join group_side as groups
    on steps.groups = groups.groups
    and steps.crm_user_id = groups.crm_user_id
    and coalesce(lenses.read_on, month_end.last_day_on, last_day(steps.month_on)) >= groups.valid_from_on
    and coalesce(lenses.read_on, month_end.last_day_on, last_day(steps.month_on)) < groups.valid_to_on
group by 1, 2, 3, 4, 5, 6, 7, 8;

-- What is paid once is in no person's year; the cost of a cohort is that of its year.
create temp table spent as
with
    answered as (
        select basis, because, is_closed, crm_user_id, fiscal_year,
            sum(if(is_apart(component), 0, cost_amount)) as own_amount, sum(cost_amount) as cost_amount,
            sum(of_part(component, 'shared', cost_amount)) as shared_cost_amount,
            sum(of_part(component, 'management', cost_amount)) as management_cost_amount
        from cost_step
        where is_answer
        group by 1, 2, 3, 4, 5
    ),

    by_holder as (
        select
            'rep_value' as table_name, 'crm_user_id=' || crm_user_id as holder, null as lens, fiscal_year, basis,
            because, is_closed, own_amount, cost_amount,
            shared_cost_amount, management_cost_amount
        from answered
        union all
        select
            'group_value', 'group_type=company, group_id=company', null, fiscal_year, basis, because, is_closed,
            cost_amount, cost_amount,
            shared_cost_amount, management_cost_amount
        from answered
        union all
        select
            'group_value', group_called(kind.key, kind.value), lens, fiscal_year, basis, because, is_closed,
            cost_amount, cost_amount, shared_cost_amount,
            management_cost_amount
        from (select *, unnest(map_entries(group_kinds(team_id, manager_crm_user_id, territory_id))) as kind
            from group_cost) as costs
    )
select
    table_name, holder, lens, unnest(['year', 'book', 'cohort', 'cohort', 'cohort', 'cohort', 'career']) as reading,
    fiscal_year,
    unnest([null, null, 12, 24, 36, null, null]) as age_months, basis, because, is_closed,
    unnest([own_amount, own_amount, own_amount, own_amount, own_amount, own_amount, cost_amount]) as cost_amount,
    shared_cost_amount, management_cost_amount
from by_holder;
