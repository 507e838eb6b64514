{#-
  What is credited: sales, refunds and what was given up of either, each with the sale whose credit it shares. Body of a CTE.
  A refund and a write-off go to whom the sale was credited to, in the same shares, whoever holds the account by now.
  change: the model that lists the months that are made anew; none for all of time. bases: in which money the amounts are told.
-#}
{% macro credit_events(change=none, bases=["nominal"]) -%}
    select
        lines.order_line_id,
        lines.ordered_on as credited_on,
        refunds.undoing,
        coalesce(refunds.refunded_order_line_id, lines.order_line_id) as credited_order_line_id,
        coalesce(refunds.refunded_on, lines.ordered_on) as sold_on,
        coalesce(refunds.account_id, lines.account_id) as account_id,
        coalesce(refunds.crm_user_id, lines.crm_user_id) as seller_crm_user_id,
        case
            when refunds.order_line_id is null then lines.opportunity_id else refunds.opportunity_id
        end as opportunity_id
        {%- for basis in bases %}
            , lines.{{ based("revenue_amount", basis) }} as {{ based("amount", basis) }}
        {%- endfor %}
    from {{ ref("core_order_line") }} as lines
    left join {{ ref("core_refund") }} as refunds on lines.order_line_id = refunds.order_line_id
    where lines.revenue_amount is not null {% if change %} and {{ is_made_anew(change, "lines.ordered_on") }}{% endif %}
    union all
    select
        order_line_id,
        written_off_on,
        'write-off',
        credited_order_line_id,
        sold_on,
        account_id,
        crm_user_id,
        opportunity_id
        {%- for basis in bases %}, cast(- sum({{ based("written_off_amount", basis) }}) as decimal(18, 4)) {%- endfor %}
    from {{ ref("core_write_off") }}
    where written_off_amount is not null {% if change %} and {{ is_made_anew(change, "written_off_on") }}{% endif %}
    group by 1, 2, 3, 4, 5, 6, 7, 8
{%- endmacro %}

{#-
  Who is credited for events under a policy, for what they are, and why. Body of a CTE. Who has which part of a sale is agreed in
  nominal money; the other bases tell the same parts in theirs.
  change, bases: as of the events, since a policy can credit what is no event.
-#}
{% macro credited(policy, events, change=none, bases=["nominal"]) -%}
    {%- if policy == "acquirer" -%} {{ _credited_to_acquirer(events, bases) }}
    {%- elif policy == "owner" -%} {{ _credited_to_owner(events, bases) }}
    {%- elif policy == "split" -%} {{ _credited_by_split(events, bases) }}
    {%- else -%} {{ _credited_by_handover(events, change, bases) }}
    {%- endif -%}
{%- endmacro %}

{#- All of an event is one's. -#}
{% macro _credited_whole(events, bases) -%}
    {%- for basis in bases %}
        {{ events }}.{{ based("amount", basis) }} as {{ based("credited_amount", basis) }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro _credited_to_acquirer(events, bases) -%}
    select
        events.*,
        coalesce(acquisitions.acquiring_crm_user_id, 'unknown') as crm_user_id,
        case
            when coalesce(acquisitions.acquiring_crm_user_id, 'unknown') = 'unknown' then 'no acquirer' else 'acquirer'
        end as basis,
        {{ _credited_whole("events", bases) }}
    from {{ events }} as events
    left join {{ ref("core_acquisition") }} as acquisitions on events.account_id = acquisitions.account_id
{%- endmacro %}

{% macro _credited_to_owner(events, bases) -%}
    select
        events.*,
        coalesce(owners.crm_user_id, 'unknown') as crm_user_id,
        case when owners.crm_user_id is null then 'no owner who is a rep' else 'owner' end as basis,
        {{ _credited_whole("events", bases) }}
    from {{ events }} as events
    left join {{ ref("core_account_owner") }} as owners on {{ is_owner_on("events", "events.sold_on") }}
{%- endmacro %}

{#- Only sales with a split are divided: the rest are most of what there is. -#}
{% macro _credited_by_split(events, bases) -%}
    with
        shares as (
            select
                order_line_id,
                crm_user_id,
                case when crm_user_id = 'unknown' then 'no seller' else 'seller' end as basis,
                split_pct as weight
            from {{ ref("core_revenue_share") }}
            where split_pct is not null
        ),

        {{ _divided(events, bases) }}

    select *
    from divided
    union all
    select
        whole.*,
        whole.seller_crm_user_id as crm_user_id,
        case when whole.seller_crm_user_id = 'unknown' then 'no seller' else 'seller' end as basis,
        {{ _credited_whole("whole", bases) }}
    from whole
{%- endmacro %}

{#-
  Up to the first handover all is the acquirer's; after one what the heir did not take over is the heir's. What was handed over and never
  sold is taken off the heir, as a change like any other, and stays with whom it was taken over from.
-#}
{% macro _credited_by_handover(events, change, bases) -%}
    with
        shares as (
            select order_line_id, from_crm_user_id as crm_user_id, 'handed over' as basis, kept_amount as weight
            from {{ ref("core_handover_share") }}
            union all
            select
                order_line_id,
                to_crm_user_id,
                case when to_crm_user_id = 'unknown' then 'no owner who is a rep' else 'change after the handover' end,
                changed_amount
            from {{ ref("core_handover_share") }}
            where changed_amount > 0
        ),

        {{ _divided(events, bases) }}

    select *
    from divided
    union all
    select
        whole.*,
        coalesce(handovers.to_crm_user_id, acquisitions.acquiring_crm_user_id, 'unknown') as crm_user_id,
        case
            when handovers.to_crm_user_id = 'unknown'
            then 'no owner who is a rep'
            when handovers.to_crm_user_id is not null
            then 'change after the handover'
            when coalesce(acquisitions.acquiring_crm_user_id, 'unknown') = 'unknown'
            then 'no acquirer'
            else 'acquirer'
        end as basis,
        {{ _credited_whole("whole", bases) }}
    from whole
    left join {{ ref("core_acquisition") }} as acquisitions on whole.account_id = acquisitions.account_id
    left join
        {{ ref("core_handover") }} as handovers
        on whole.account_id = handovers.account_id
        and whole.sold_on >= handovers.handed_over_on
        and whole.sold_on < handovers.held_to_on
    {%- for holder, sign in {"from": "", "to": "- "}.items() %}
        union all
        select
            order_line_id,
            declined_on,
            cast(null as varchar),
            order_line_id,
            ordered_on,
            account_id,
            seller_crm_user_id,
            opportunity_id,
            {{ _declined(sign, bases) }},
            {{ holder }}_crm_user_id,
            'decline after the handover',
            {{ _declined(sign, bases) }}
        from {{ ref("core_handover_decline") }}
        {%- if change %} where {{ is_made_anew(change, "declined_on") }}{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro _declined(sign, bases) -%}
    {%- for basis in bases %}
        cast({{ sign }}{{ based("declined_amount", basis) }} as decimal(18, 4)){{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Events whose sale has `shares` of several holders: `divided`, and the others: `whole`. Two CTEs. -#}
{% macro _divided(events, bases) -%}
    {%- set amounts, into = [], [] -%}
    {%- for basis in bases -%}
        {%- do amounts.append(based("amount", basis)) -%} {%- do into.append(based("credited_amount", basis)) -%}
    {%- endfor -%}

    parted as (
        select events.*, shares.crm_user_id, shares.basis, shares.weight
        from {{ events }} as events
        inner join shares on events.credited_order_line_id = shares.order_line_id
    ),

    divided as (
        select
            order_line_id,
            credited_on,
            undoing,
            credited_order_line_id,
            sold_on,
            account_id,
            seller_crm_user_id,
            opportunity_id,
            {{ amounts | join(", ") }},
            crm_user_id,
            basis,
            {{ into | join(", ") }}
        from
            (
                {{
                    allocate(
                        "parted",
                        whole=["order_line_id", "credited_on", "undoing"],
                        part=["crm_user_id"],
                        amounts=amounts,
                        weight="weight",
                        into=into,
                    )
                }}
            ) as allocated
    ),

    whole as (
        select events.*
        from {{ events }} as events
        left join
            (select distinct order_line_id from shares) as shared
            on events.credited_order_line_id = shared.order_line_id
        where shared.order_line_id is null
    )
{%- endmacro %}

{#- The policies that are compared, one of which the company declares. -#}
{% macro credit_policies() %} {% do return(["acquirer", "owner", "split", "handover"]) %} {% endmacro %}

{#-
  Who shares a deal in a role, by the versions of its splits: crm_user_id, split_pct, from when to when. Of deals that were merged, the
  one that remains says it, else the nearest to it that says anything. CTEs that end in `splits`.
-#}
{% macro deal_splits(role) -%}
    opportunities as (select from_id, to_id, distance from {{ ref("core_crosswalk") }} where id_kind = 'opportunity'),

    said as (
        select
            coalesce(opportunities.to_id, split.opportunity_id) as opportunity_id,
            coalesce(users.crm_user_id, 'unknown') as crm_user_id,
            split.crm_user_id as delivered_crm_user_id,
            split.valid_from_on,
            split.valid_to_on,
            split.split_pct,
            coalesce(opportunities.distance, 0) as distance,
            split.opportunity_id as delivered_opportunity_id,
            split._source,
            split._file,
            split._line
        from {{ now_known("opportunity_split") }} as split
        left join {{ ref("core_identity") }} as users on split.crm_user_id = users.delivered_crm_user_id
        left join opportunities on split.opportunity_id = opportunities.from_id
        where split.split_role = '{{ role }}' and split.split_pct > 0
    ),

    sayers as (
        select
            opportunity_id,
            _source,
            min(
                {{ struct_of({"distance": "distance", "delivered_opportunity_id": "delivered_opportunity_id"}) }}
            ) as nearest
        from said
        group by opportunity_id, _source
    ),

    splits as (
        select said.*
        from said
        inner join
            sayers
            on said.opportunity_id = sayers.opportunity_id
            and said._source = sayers._source
            and said.delivered_opportunity_id = sayers.nearest.delivered_opportunity_id
    )
{%- endmacro %}

{#-
  Whether the company declares that a role bears no credit: who finds, supports or looks after what others sell is counted in the group.
  A ratio of such a person would compare a cost for many with the little that they sold themselves.
-#}
{% macro bears_no_credit(role) -%}
    {%- if not var("roles_without_credit") -%} false
    {%- else -%}
        coalesce(
            lower({{ role }}) in (
                {%- for one in var("roles_without_credit") %}{{ text_literal(one) }}{{ ", " if not loop.last }}
                {% endfor -%}
            ),
            false
        )
    {%- endif -%}
{%- endmacro %}
