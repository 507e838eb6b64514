-- Which order line counts towards which goal through each lens: core_goal_reached, line by line. A customer counts by
-- the line that won it.
with
    goals as (select * from {{ ref("core_goal") }}),

    groups as (select * from {{ ref("core_rep_group") }}),

    owners as (select * from {{ ref("core_account_owner") }}),

    lines as (
        select * from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }} and revenue_amount is not null
    ),

    shares as (select * from {{ ref("core_revenue_share") }} where ordered_on < {{ as_of_on() }}),

    wins as (
        select acquisitions.*, firsts.order_line_id
        from {{ ref("core_acquisition") }} as acquisitions
        inner join {{ ref("core_first_line") }} as firsts on acquisitions.account_id = firsts.account_id
    ),

    people_events as (
        select ordered_on as day_on, crm_user_id, order_line_id, split_pct, {{ sale_values() }}, 0 as new_customers
        from shares
        union all
        select acquired_on, acquiring_crm_user_id, order_line_id, null, {{ no_sale_values() }}, 1
        from wins
    ),

    placed_events as (
        select people_events.*, groups.team_id
        from people_events
        inner join groups on people_events.crm_user_id = groups.crm_user_id and people_events.day_on = groups.day_on
    ),

    territory_events as (
        select
            territory_id,
            ordered_on as day_on,
            order_line_id,
            cast(null as decimal(18, 6)) as split_pct,
            {{ sale_values() }},
            0 as new_customers
        from lines
        union all
        select territory_id, acquired_on, order_line_id, null, {{ no_sale_values() }}, 1
        from wins
    ),

    -- Each kind of owner by itself, so that of one goal only what it needs is looked at.
    as_sold as (
        {% for owner_type, events, owner_id in [
            ["rep", "people_events", "events.crm_user_id"],
            ["team", "placed_events", "events.team_id"],
            ["company", "people_events", "'company'"],
            ["territory", "territory_events", "events.territory_id"],
        ] %}
            select
                goals.goal_id,
                goals.goal_version,
                'as_sold' as lens,
                events.order_line_id,
                events.split_pct,
                {{ sale_values("events") }},
                events.new_customers
            from (select * from goals where owner_type = '{{ owner_type }}') as goals
            inner join
                {{ events }} as events
                on goals.owner_id = {{ owner_id }}
                and events.day_on >= goals.period_start_on
                and events.day_on < goals.period_end_on
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    read_goals as (
        select
            goals.*,
            'as_was' as lens,
            least({{ add_days("period_end_on", -1) }}, {{ add_days(as_of_on(), -1) }}) as read_on
        from goals
        union all
        select goals.*, 'as_is', {{ add_days(as_of_on(), -1) }}
        from goals
    ),

    read_events as (
        select
            read_goals.goal_id,
            read_goals.goal_version,
            read_goals.owner_type,
            read_goals.owner_id,
            read_goals.lens,
            read_goals.read_on,
            lines.order_line_id,
            coalesce(owners.crm_user_id, 'unknown') as crm_user_id,
            {{ sale_values("lines") }},
            0 as new_customers
        from read_goals
        inner join
            lines on lines.ordered_on >= read_goals.period_start_on and lines.ordered_on < read_goals.period_end_on
        left join owners on {{ is_owner_on("lines", "read_goals.read_on") }}
        union all
        select
            read_goals.goal_id,
            read_goals.goal_version,
            read_goals.owner_type,
            read_goals.owner_id,
            read_goals.lens,
            read_goals.read_on,
            wins.order_line_id,
            wins.acquiring_crm_user_id,
            {{ no_sale_values() }},
            1
        from read_goals
        inner join
            wins on wins.acquired_on >= read_goals.period_start_on and wins.acquired_on < read_goals.period_end_on
    ),

    as_read as (
        select
            read_events.goal_id,
            read_events.goal_version,
            read_events.lens,
            read_events.order_line_id,
            null,
            {{ sale_values("read_events") }},
            read_events.new_customers
        from read_events
        inner join groups on read_events.crm_user_id = groups.crm_user_id and read_events.read_on = groups.day_on
        where
            case
                read_events.owner_type
                when 'rep'
                then read_events.crm_user_id
                when 'team'
                then groups.team_id
                when 'territory'
                then groups.territory_id
                else 'company'
            end
            = read_events.owner_id
    )

select *
from as_sold
union all
select *
from as_read
