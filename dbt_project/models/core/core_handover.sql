{{ config(pre_hook="{{ keep_before() }}") }}
-- Each time that an account passed from one holder to another, with the year's revenue that was handed over. First
-- it is the acquirer's; days without an owner who is a rep are the unknown member's, and so is what nobody takes over.
with
    owners as (select * from {{ ref("core_account_owner") }}),

    turns as (
        select account_id, day_on, coalesce(max(crm_user_id), 'unknown') as crm_user_id
        from
            (
                select account_id, valid_from_on as day_on, crm_user_id
                from owners
                union all
                select account_id, valid_to_on, null
                from owners
            ) as days
        where day_on < {{ end_of_time() }}
        group by account_id, day_on
    ),

    -- Told again is not handed over, and before the first owner there was none.
    changes as (
        select account_id, day_on, crm_user_id
        from
            (
                select
                    *,
                    coalesce(
                        lag(crm_user_id) over (partition by account_id order by day_on), 'unknown'
                    ) as previous_crm_user_id
                from turns
            ) as followed
        where day_on > {{ beginning_of_time() }} and crm_user_id <> previous_crm_user_id
    ),

    passed_on as (
        select
            changes.account_id,
            changes.day_on,
            coalesce(
                lag(changes.crm_user_id) over (partition by changes.account_id order by changes.day_on),
                acquisitions.acquiring_crm_user_id
            ) as from_crm_user_id,
            changes.crm_user_id as to_crm_user_id,
            acquisitions.acquired_on
        from changes
        inner join {{ ref("core_acquisition") }} as acquisitions on changes.account_id = acquisitions.account_id
    ),

    handovers as (
        select
            account_id,
            day_on as handed_over_on,
            coalesce(lead(day_on) over (partition by account_id order by day_on), {{ end_of_time() }}) as held_to_on,
            from_crm_user_id,
            to_crm_user_id,
            {{ days_between(add_months("day_on", -12), "day_on") }} as year_days,
            {{ days_between("acquired_on", "day_on") }} as age_days
        from passed_on
        where from_crm_user_id <> to_crm_user_id
    ),

    sold as (
        select
            handovers.account_id, handovers.handed_over_on, {{ sum_amount("lines.revenue_amount") }} as revenue_amount
        from {{ ref("core_order_line") }} as lines
        inner join
            handovers
            on lines.account_id = handovers.account_id
            and lines.ordered_on >= {{ add_months("handovers.handed_over_on", -12) }}
            and lines.ordered_on < handovers.handed_over_on
        group by 1, 2
    )

-- A first order is no yearly one: half a year is the least of which a year is thought to be alike.
select
    handovers.account_id,
    handovers.handed_over_on,
    handovers.held_to_on,
    least(handovers.held_to_on, {{ add_months("handovers.handed_over_on", 12) }}) as kept_to_on,
    handovers.from_crm_user_id,
    handovers.to_crm_user_id,
    {{
        money_part(
            "greatest(coalesce(sold.revenue_amount, 0), 0)",
            "handovers.year_days",
            "least(handovers.year_days, greatest(handovers.age_days, 183))",
        )
    }} as handed_over_amount
from handovers
left join sold on handovers.account_id = sold.account_id and handovers.handed_over_on = sold.handed_over_on
