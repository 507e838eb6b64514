{{ config(materialized="table" if "standard" in var("cost_bases") else "view") }}
-- What each rep's year would cost if everybody in the same role and country cost the same by full-time days: the cost
-- of the cell, shared by these days, so that all years together cost what they cost. A cell has five people or more,
-- else the wider one is taken; whose pay was not delivered is in none, or the others would cost less by it. A career
-- (no fiscal year) is its years at standard cost, and its own that is in no year.
{% set parts = [] %}
{% for part in cost_parts() %} {% do parts.append(part ~ "_cost_amount") %} {% endfor %}
{% set amounts = in_bases(parts + ["estimated_amount"]) %}
{% set cell_amounts = [] %}
{% for amount in amounts %} {% do cell_amounts.append("cell_" ~ amount) %} {% endfor %}
with
    days as (
        select
            crm_user_id,
            {{ fiscal_year("month_on") }} as fiscal_year,
            sum(full_time_pct_days) as full_time_pct_days,
            max(case when is_last then concat(cast(month_on as varchar), ' ', employee_number) end) as last_month
        from {{ ref("core_rep_month") }}
        where month_on < {{ as_of_on() }}
        group by 1, 2
        having sum(full_time_pct_days) > 0
    ),

    {% if metric_version("standard_cost") > 1 %}
        paid as (
            select distinct crm_user_id, fiscal_year
            from {{ ref("core_cost_line") }}
            where entity = 'pay_item' and crm_user_id <> 'unknown'
        ),
    {% endif %}

    -- Where they were last in the year.
    places as (
        select
            days.crm_user_id,
            days.fiscal_year,
            days.full_time_pct_days,
            coalesce(jobs.rep_role, 'unknown') as rep_role,
            coalesce(staff.country_code, 'unknown') as country
        from days
        {% if metric_version("standard_cost") > 1 %}
            inner join paid on days.crm_user_id = paid.crm_user_id and days.fiscal_year = paid.fiscal_year
        {% endif %}
        inner join
            {{ ref("core_rep_month") }} as months
            on days.crm_user_id = months.crm_user_id
            and days.last_month = concat(cast(months.month_on as varchar), ' ', months.employee_number)
        left join {{ last_known("employee") }} as staff on months.employee_number = staff.employee_number
        left join
            {{ now_known("job") }} as jobs
            on months.employee_number = jobs.employee_number
            and jobs.valid_from_on < months.to_on
            and months.to_on <= jobs.valid_to_on
    ),

    lives as (select * from {{ ref("core_holder_cost") }} where holder_type = 'rep' and lens = 'as_sold'),

    costs as (select * from lives where fiscal_year is not null),

    counted as (
        select
            costs.holder_id as crm_user_id,
            costs.fiscal_year,
            {{ amounts | join(", ") }},
            places.rep_role,
            places.country,
            places.full_time_pct_days,
            count(*) over (partition by costs.fiscal_year, places.rep_role, places.country) as people_here,
            count(*) over (partition by costs.fiscal_year, places.rep_role) as people_in_role
        from costs
        inner join places on costs.holder_id = places.crm_user_id and costs.fiscal_year = places.fiscal_year
    ),

    -- Those of a role who are too few in their countries are a cell together; where even they are too few, the whole
    -- role is one cell.
    left_over as (
        select
            *, sum(case when people_here < 5 then 1 else 0 end) over (partition by fiscal_year, rep_role) as few_in_role
        from counted
    ),

    in_roles as (
        select
            *,
            case
                when people_in_role < 5
                then 'all'
                when few_in_role between 1 and 4 or people_here < 5
                then 'role'
                else 'role_country'
            end as level
        from left_over
    ),

    rest as (
        select
            fiscal_year,
            sum(case when level = 'all' then 1 else 0 end) as people,
            min(
                case when level <> 'all' then concat(lpad(cast(people_in_role as varchar), 9, '0'), rep_role) end
            ) as smallest
        from in_roles
        group by 1
    ),

    -- Who is in no role of five joins the role with the fewest people, until they are five.
    leveled as (
        select
            in_roles.*,
            case
                when
                    rest.people between 1 and 4
                    and concat(lpad(cast(in_roles.people_in_role as varchar), 9, '0'), in_roles.rep_role)
                    = rest.smallest
                then 'all'
                else in_roles.level
            end as standard_cost_level
        from in_roles
        inner join rest on in_roles.fiscal_year = rest.fiscal_year
    ),

    named as (
        select
            *,
            case
                standard_cost_level
                when 'all'
                then 'all'
                when 'role'
                then concat('role ', rep_role)
                else concat('role ', rep_role, ' in ', country)
            end as cell
        from leveled
    ),

    cells as (
        select
            crm_user_id,
            fiscal_year,
            standard_cost_level,
            cell,
            full_time_pct_days,
            count(*) over by_cell as people,
            sum(full_time_pct_days) over by_cell as cell_full_time_pct_days
            {% for amount in amounts %}
                , cast(sum({{ amount }}) over by_cell as decimal(18, 4)) as cell_{{ amount }}
            {% endfor %}
        from named
        window by_cell as (partition by fiscal_year, cell)
    ),

    large_cells as (select * from cells where people >= 5),

    shared as (
        {{
            allocate(
                "large_cells",
                whole=["fiscal_year", "cell"],
                part=["crm_user_id"],
                amounts=cell_amounts,
                weight="full_time_pct_days",
                into=amounts,
            )
        }}
    ),

    -- Whose days or pay nobody knows, and everybody where all together are fewer than five, cost what they cost.
    own as (
        select costs.*
        from costs
        left join shared on costs.holder_id = shared.crm_user_id and costs.fiscal_year = shared.fiscal_year
        where shared.crm_user_id is null
    ),

    {% set sums = [] %}
    {% for basis in var("bases") %}
        {% set terms = [] %}
        {% for part in parts %} {% do terms.append(based(part, basis)) %} {% endfor %}
        {% do sums.append("cast(" ~ terms | join(" + ") ~ " as decimal(18, 4)) as " ~ based("cost_amount", basis)) %}
    {% endfor %}
    years as (
        select
            crm_user_id,
            fiscal_year,
            standard_cost_level,
            cell,
            cast(people as integer) as standard_cost_people,
            cast(full_time_pct_days as decimal(18, 4)) as full_time_pct_days,
            cast(cell_full_time_pct_days as decimal(18, 4)) as cell_full_time_pct_days,
            {{ sums | join(", ") }},
            {{ amounts | join(", ") }}
        from shared
        union all
        select
            holder_id,
            fiscal_year,
            'person',
            holder_id,
            1,
            null,
            null,
            {{ in_bases(["cost_amount"]) | join(", ") }},
            {{ amounts | join(", ") }}
        from own
    ),

    -- What the standard moves to or from each over all years.
    moved as (
        select
            years.crm_user_id
            {%- for amount in in_bases(["cost_amount"]) + amounts %}
                , sum(years.{{ amount }} - costs.{{ amount }}) as {{ amount }}
            {%- endfor %}
        from years
        inner join costs on years.crm_user_id = costs.holder_id and years.fiscal_year = costs.fiscal_year
        group by 1
    )

select *
from years
union all
select
    lives.holder_id,
    null,
    'years',
    null,
    null,
    null,
    null
    {%- for amount in in_bases(["cost_amount"]) + amounts %}
        , cast(lives.{{ amount }} + moved.{{ amount }} as decimal(18, 4))
    {%- endfor %}
from lives
inner join moved on lives.holder_id = moved.crm_user_id
where lives.fiscal_year is null
