-- Costs are published by rep, employee, month, component and currency: such a row is what is compared. Of one that stands under another
-- rep now, and nowhere else, the rep was matched otherwise.
create temp view told_cost as
select * from old.rep_cost where basis in (select basis from basis);

create temp view known_cost as
select * from new.rep_cost where basis in (select basis from basis);

create temp table cost_before as
select * from told_cost except select * from known_cost;

create temp table cost_after as
select * from known_cost except select * from told_cost;

create temp table cost_pair as
with
    same as (
        select a as o, b as n
        from cost_before as a
        full join cost_after as b on
            row(a.basis, a.crm_user_id, a.employee_number, a.month_on, a.fiscal_year, a.component, a.currency)
            = row(b.basis, b.crm_user_id, b.employee_number, b.month_on, b.fiscal_year, b.component, b.currency)
    ),

    gone as (
        select *, count(*) over (partition by o.basis, o.employee_number, o.month_on, o.fiscal_year, o.component, o.currency) as likes from same where n.month_on is null
    ),

    come as (
        select *, count(*) over (partition by n.basis, n.employee_number, n.month_on, n.fiscal_year, n.component, n.currency) as likes from same where o.month_on is null
    ),

    -- The same money in another fiscal year.
    ruled as (
        select gone.o, come.n
        from gone
        inner join come on
            row(gone.o.basis, gone.o.crm_user_id, gone.o.employee_number, gone.o.month_on, gone.o.component, gone.o.currency)
            = row(come.n.basis, come.n.crm_user_id, come.n.employee_number, come.n.month_on, come.n.component, come.n.currency)
        qualify count(*) over (partition by gone.o) = 1 and count(*) over (partition by come.n) = 1
    ),

    matched as (
        select o, n from ruled
        union all
        select gone.o, come.n
        from gone
        inner join come on
            row(gone.o.basis, gone.o.employee_number, gone.o.month_on, gone.o.fiscal_year, gone.o.component, gone.o.currency)
            = row(come.n.basis, come.n.employee_number, come.n.month_on, come.n.fiscal_year, come.n.component, come.n.currency)
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
            select * from told_cost where month_on >= date_trunc('month', least(getvariable('from_as_of'), getvariable('to_as_of')))
            intersect
            select * from known_cost
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

create macro of_part(component, part, amount) as if(list_contains(getvariable(part || '_parts'), component), amount, 0);

create macro is_apart(component) as
    list_contains(getvariable('apart'), component)
    and not (component = 'paid_leave' and (select version from new.cost_version) < 3)
    and (select version from new.cost_version) > 1;

-- Of a row that was there before, the lines that were first told since. The warehouse knows them; lines of a later night are not looked at.
create temp table late_cost as
select
    basis, crm_user_id, employee_number, cast(date_trunc('month', month_on) as date) as month_on, fiscal_year, component, currency, sum(cost_amount) as cost_amount,
    sum(cost_local_amount) as cost_local_amount
from warehouse_line.cost
where first_told_on > getvariable('from_as_of') and first_told_on <= getvariable('to_as_of')
group by 1, 2, 3, 4, 5, 6, 7;

-- What each cause takes out of a row of cost and puts in; for what is published row by row, and for the answers. Under another definition
-- of cost no row says what a line did.
create temp table cost_walk as
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
            and row(n.basis, n.crm_user_id, n.employee_number, n.month_on, n.fiscal_year, n.component, n.currency)
            = row(late.basis, late.crm_user_id, late.employee_number, late.month_on, late.fiscal_year, late.component, late.currency)
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
    held.basis,
    held.crm_user_id,
    held.employee_number,
    held.month_on,
    held.fiscal_year,
    held.component,
    held.currency,
    sign * steps.cost_amount as cost_amount,
    sign * steps.cost_local_amount as cost_local_amount
from steps;

-- What is shared, or paid for leave, has no line of its own: its causes are those of what it is made of.
create temp table cost_news as
select told.component, told.employee_number, told.coached_by, months.month_on, told.because
from warehouse_line.cost_news as told
inner join (select distinct month_on from cost_walk) as months on months.month_on < told.to_on and last_day(months.month_on) >= told.from_on;

create macro is_carried(component) as component in ('coaching', 'management') or list_contains(getvariable('shared_parts'), component);

-- Leave moves what somebody was paid from one part to another, and no more.
create temp table leave_cause as
with
    within as (
        select employee_number, month_on
        from cost_walk
        where told = 'row' and not is_carried(component)
        group by 1, 2
        having sum(cost_local_amount) = 0
    )
select leaves.employee_number, leaves.month_on, min(leaves.because) as because
from cost_news as leaves
inner join within on leaves.employee_number = within.employee_number and leaves.month_on = within.month_on
where leaves.component = 'paid_leave'
group by 1, 2
having count(distinct leaves.because) = 1;

create temp table own_cost_step as
select walked.* replace (if(walked.because in ('corrected', 'late') and not is_carried(walked.component), coalesce(leaves.because, walked.because), walked.because) as because)
from cost_walk as walked
left join leave_cause as leaves on walked.employee_number = leaves.employee_number and walked.month_on = leaves.month_on;

-- A pool or a rule told since moves the pool's part of a month; a manager's own cost, or a session, what others carry of it. Where several did, nobody
-- knows what each did to a share, and it stays corrected.
create temp table share_cause as
with
    carried as (
        select carried.component, carried.employee_number, carried.month_on, own.because
        from warehouse_line.carried_cost as carried
        inner join (select distinct employee_number, month_on, because from own_cost_step where not is_carried(component)) as own
            on carried.from_employee_number = own.employee_number and carried.month_on = own.month_on
        union
        select carried.component, carried.employee_number, carried.month_on, told.because
        from warehouse_line.carried_cost as carried
        inner join cost_news as told on carried.from_crm_user_id = told.coached_by and carried.month_on = told.month_on
    ),

    parts as (select distinct component, employee_number, month_on from cost_walk where is_carried(component)),

    causes as (
        select parts.*, carried.because
        from parts
        inner join carried
            on parts.component = carried.component and parts.employee_number = carried.employee_number and parts.month_on = carried.month_on
        union
        select parts.*, told.because
        from parts
        inner join cost_news as told on parts.component = told.component and parts.month_on = told.month_on
        union
        -- Who is on leave carries nothing, and so others do; a manager's share is gone.
        select parts.*, leaves.because
        from parts
        inner join leave_cause as leaves on parts.month_on = leaves.month_on
    )
select component, employee_number, month_on, min(because) as because from causes group by 1, 2, 3 having count(distinct because) = 1;

create temp table cost_step as
select walked.* replace (if(walked.because in ('corrected', 'late'), coalesce(causes.because, walked.because), walked.because) as because)
from own_cost_step as walked
left join share_cause as causes
    on walked.employee_number = causes.employee_number and walked.month_on = causes.month_on and walked.component = causes.component;

-- The last day of a month, or of the part of it that is in a fiscal year: a group has what its members cost then.
create temp table month_end as
select cast(date_trunc('month', date_on) as date) as month_on, fiscal_year, max(date_on) as last_day_on from new.day group by 1, 2;

-- Cost by group: every step in the groups of then, and all of it from these to the groups of now.
create temp table group_cost as
with
    moved as (
        select counted.basis, counted.crm_user_id, counted.month_on, counted.fiscal_year, sum(counted.cost_amount) as cost_amount,
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
            of_part(component, 'shared', cost_amount) as shared_cost_amount, of_part(component, 'management', cost_amount) as management_cost_amount
        from cost_step
        where told = 'answer'
        union all
        select
            basis,
            if(last_day(month_on) < getvariable('from_as_of'), 'moved', 'new'),
            exists (select 1 from old.closed as closed where moved.month_on >= closed.month_on and moved.month_on < closed.end_on),
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
        select basis, because, is_closed, crm_user_id, fiscal_year, sum(if(is_apart(component), 0, cost_amount)) as own_amount, sum(cost_amount) as cost_amount,
            sum(of_part(component, 'shared', cost_amount)) as shared_cost_amount,
            sum(of_part(component, 'management', cost_amount)) as management_cost_amount
        from cost_step
        where told = 'answer'
        group by 1, 2, 3, 4, 5
    ),

    by_holder as (
        select
            'rep_value' as table_name, 'crm_user_id=' || crm_user_id as holder, null as lens, fiscal_year, basis, because, is_closed, own_amount, cost_amount,
            shared_cost_amount, management_cost_amount
        from answered
        union all
        select
            'group_value', 'group_type=company, group_id=company', null, fiscal_year, basis, because, is_closed, cost_amount, cost_amount,
            shared_cost_amount, management_cost_amount
        from answered
        union all
        select
            'group_value', group_called(kind.key, kind.value), lens, fiscal_year, basis, because, is_closed, cost_amount, cost_amount, shared_cost_amount,
            management_cost_amount
        from (select *, unnest(map_entries(group_kinds(team_id, manager_crm_user_id, territory_id))) as kind from group_cost) as costs
    )
select
    table_name, holder, lens, unnest(['year', 'book', 'cohort', 'cohort', 'cohort', 'cohort', 'career']) as reading, fiscal_year,
    unnest([null, null, 12, 24, 36, null, null]) as age_months, basis, because, is_closed,
    unnest([own_amount, own_amount, own_amount, own_amount, own_amount, own_amount, cost_amount]) as cost_amount, shared_cost_amount, management_cost_amount
from by_holder;
