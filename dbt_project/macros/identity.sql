{#-
  Who alone has a claim (an e-mail): of those who have it now, else of those who had it. Body of a CTE.
  relation: rows with the claim, its holder, and is_current (1 or 0).
-#}
{% macro lone_holders(relation, claim, holder) -%}
    select {{ claim }}, min({{ holder }}) as {{ holder }}
    from
        (
            select
                {{ claim }},
                {{ holder }},
                max(is_current) as is_current,
                max(max(is_current)) over (partition by {{ claim }}) as is_anyones_current
            from {{ relation }}
            where {{ claim }} is not null
            group by {{ claim }}, {{ holder }}
        ) as claims
    where is_current = is_anyones_current
    group by {{ claim }}
    having count(*) = 1
{%- endmacro %}

{#- True where `owners` (core_account_owner) has who owned the account of `relation` on the day. -#}
{% macro is_owner_on(relation, day) -%}
    {{ relation }}.account_id = owners.account_id
    and {{ day }} >= owners.valid_from_on
    and {{ day }} < owners.valid_to_on
{%- endmacro %}

{#- The users of the CRM who are the house: no person, but the holder of what nobody sells. Body of a CTE. -#}
{% macro house_users() -%}
    select crm_user_id from {{ ref("core_crm_user") }} where lower(rep_role) = 'house'
{%- endmacro %}

{#-
  Whose accounts are the house's, by day: owned by a user of the CRM whose role is house, as last known. Body of a CTE.
  Read from the accounts themselves: who is a rep follows from what was sold.
-#}
{% macro house_accounts() -%}
    select spans.account_id, users.crm_user_id, spans.valid_from_on, spans.valid_to_on
    from {{ ref("core_account_span") }} as spans
    inner join ({{ house_users() }}) as users on spans.owner_crm_user_id = users.crm_user_id
{%- endmacro %}

{#-
  Each id with all that its chain of links passes, and with its end; a chain that comes back to itself has none. Inside a
  `with recursive`. An employee and a claimant lead to an id of another kind, which is no link of theirs.
-#}
{% macro steps_and_ends(links, steps, ends) -%}
    {%- set kinds = "('crm_user', 'account', 'opportunity')" -%}
    {{ steps }} as (
        select id_kind, from_id, to_id
        from {{ links }}
        union
        select passed.id_kind, passed.from_id, link.to_id
        from {{ steps }} as passed
        inner join {{ links }} as link on passed.id_kind = link.id_kind and passed.to_id = link.from_id
        where passed.id_kind in {{ kinds }}
    ),

    {{ ends }} as (
        select passed.id_kind, passed.from_id, min(passed.to_id) as to_id
        from {{ steps }} as passed
        left join
            {{ links }} as link
            on passed.id_kind = link.id_kind
            and passed.to_id = link.from_id
            and link.id_kind in {{ kinds }}
        where link.from_id is null
        group by passed.id_kind, passed.from_id
    )
{%- endmacro %}
