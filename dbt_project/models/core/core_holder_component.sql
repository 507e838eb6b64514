-- Which parts of a full cost each holder's cost is without: of a group what any member lacks who has revenue, a book, a
-- cost or unpaid days in it, since their value is in the ratio and that cost is not.
{% set components, shares, pay = cost_components(), ["tools", "overhead", "management"], ["base", "taxes", "benefits"] %}
with
    lens_years as (select * from {{ ref("core_lens_year") }}),

    groups as (select * from {{ ref("core_rep_group") }}),

    costs as (select * from {{ ref("core_rep_cost") }} where crm_user_id is not null and month_on < {{ as_of_on() }}),

    gaps as (select * from {{ ref("core_pay_gap") }}),

    cost_months as (
        select costs.crm_user_id, costs.fiscal_year, months.last_day_on
        from costs
        inner join {{ ref("core_month") }} as months on costs.month_on = months.month_on
        union
        select crm_user_id, fiscal_year, last_day_on
        from gaps
    ),

    members as (
        select lens, fiscal_year, crm_user_id, team_id, manager_crm_user_id, territory_id
        from {{ ref("core_value_piece") }}
        union
        select
            lens_years.lens,
            cost_months.fiscal_year,
            cost_months.crm_user_id,
            groups.team_id,
            groups.manager_crm_user_id,
            groups.territory_id
        from cost_months
        inner join lens_years on cost_months.fiscal_year = lens_years.fiscal_year
        inner join
            groups
            on cost_months.crm_user_id = groups.crm_user_id
            and coalesce(lens_years.read_on, cost_months.last_day_on) = groups.day_on
    ),

    held as ({{ held_by_each("members", "lens, fiscal_year, crm_user_id") }}),

    held_once as (select distinct holder_type, holder_id, lens, fiscal_year, crm_user_id from held),

    held_in_tree as (
        select *
        from held_once
        union all
        select distinct 'territory_tree', tree.tree_territory_id, members.lens, members.fiscal_year, members.crm_user_id
        from held_once as members
        inner join
            {{ ref("core_territory_tree") }} as tree
            on members.holder_id = tree.territory_id
            and members.lens = tree.lens
            and members.fiscal_year = tree.fiscal_year
        where members.holder_type = 'territory'
    ),

    member_years as (select distinct crm_user_id, fiscal_year from members),

    unmatched as (select crm_user_id, rep_role from {{ ref("core_rep") }} where employee_number is null),

    spent as (
        select holder_id as crm_user_id, fiscal_year
        from {{ ref("core_holder_cost") }}
        where holder_type = 'rep' and lens = 'as_sold' and fiscal_year is not null and cost_amount <> 0
    ),

    unpaid as (
        select
            crm_user_id,
            fiscal_year
            {% for component in pay %}
                , max(case when component = '{{ component }}' then 1 else 0 end) as lacks_{{ component }}
            {% endfor %}
        from gaps
        group by 1, 2
    ),

    -- A year without any cost lacks all of it. The house is no person whom anybody would pay.
    lacks as (
        select
            member_years.crm_user_id,
            member_years.fiscal_year,
            case when years.fiscal_year is null then 0 else 1 end as has_cost,
            case when unmatched.crm_user_id is null then 0 else 1 end as is_unmatched,
            case when lower(unmatched.rep_role) = 'house' then 1 else 0 end as is_house,
            case when spent.crm_user_id is null then 1 else 0 end as spent_nothing
            {% for component in components %}
                {% if component in pay %}
                    ,
                    greatest(
                        1 - coalesce(years.has_{{ component }}, 0), coalesce(unpaid.lacks_{{ component }}, 0)
                    ) as lacks_{{ component }}
                {% else %}, 1 - coalesce(years.has_{{ component }}, 0) as lacks_{{ component }}
                {% endif %}
            {% endfor %}
        from member_years
        left join {{ ref("core_cost_component") }} as years on member_years.fiscal_year = years.fiscal_year
        left join unmatched on member_years.crm_user_id = unmatched.crm_user_id
        left join
            unpaid on member_years.crm_user_id = unpaid.crm_user_id and member_years.fiscal_year = unpaid.fiscal_year
        left join spent on member_years.crm_user_id = spent.crm_user_id and member_years.fiscal_year = spent.fiscal_year
    ),

    -- The pay of an employee who was matched with nobody lies under unknown.
    unmatched_pay as (
        select fiscal_year, count(distinct employee_number) as people
        from costs
        where crm_user_id = 'unknown' and component = 'base'
        group by fiscal_year
    ),

    held_lacks as (
        select
            held.holder_type,
            held.holder_id,
            held.lens,
            lacks.*,
            case when held.holder_type = 'rep' or lacks.is_house = 0 then lacks.is_unmatched else 0 end as is_unpaid,
            case when held.crm_user_id = 'unknown' then coalesce(unmatched_pay.people, 0) else 0 end as unmatched_paid
        from held_in_tree as held
        inner join lacks on held.crm_user_id = lacks.crm_user_id and held.fiscal_year = lacks.fiscal_year
        left join unmatched_pay on held.fiscal_year = unmatched_pay.fiscal_year
    ),

    counted as (
        select
            holder_type,
            holder_id,
            lens,
            fiscal_year,
            max(has_cost) as has_cost,
            sum(is_unpaid) as people_unpaid,
            max(is_unpaid * spent_nothing) as has_no_expenses,
            max(unmatched_paid) as unmatched_paid
            {% for component in components %}, max(lacks_{{ component }}) as lacks_{{ component }} {% endfor %}
        from held_lacks
        group by 1, 2, 3, 4
    ),

    -- Who is matched with no employee has no pay and carries no share; expenses may have come by e-mail. Where unknown
    -- has the pay of as many people, as in the company, it is there. What is shared is whole in the company.
    years as (
        select
            holder_type,
            holder_id,
            lens,
            fiscal_year,
            has_cost
            {% for component in components %}
                ,
                case
                    when lacks_{{ component }} = 1
                    then 1
                    {% if component in shares %} when people_unpaid > 0 and holder_type <> 'company' then 1
                    {% elif component == "expenses" %} when people_unpaid > unmatched_paid then has_no_expenses
                    {% else %} when people_unpaid > unmatched_paid then 1
                    {% endif %}
                    else 0
                end as lacks_{{ component }}
            {% endfor %}
        from counted
    ),

    -- Over all years, what is missing in any year with a cost; where none has one, all of it.
    careers as (
        select
            holder_type,
            holder_id,
            lens,
            cast(null as integer) as fiscal_year,
            max(has_cost) as has_cost
            {% for component in components %}
                , coalesce(max(case when has_cost = 1 then lacks_{{ component }} end), 1) as lacks_{{ component }}
            {% endfor %}
        from years
        group by 1, 2, 3
    )

select
    holder_type,
    holder_id,
    lens,
    fiscal_year,
    nullif(
        concat_ws(
            ', '
            {% for component in components %}
                , case when lacks_{{ component }} = 1 then '{{ component }}' end
            {% endfor %}
        ),
        ''
    ) as cost_components_missing
from
    (
        select *
        from years
        union all
        select *
        from careers
    ) as spans
