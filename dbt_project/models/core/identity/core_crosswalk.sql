{{ config(pre_hook="{{ keep_before() }}") }}
-- Which id is really another one: what a person keeps in the crosswalk, then what the CRM itself merged. A chain
-- leads to its end; one that comes back to itself leads nowhere, and the gate blocks.
with recursive
    kept as (
        select
            id_kind,
            case when id_kind = 'claimant' then lower(from_id) else from_id end as from_id,
            to_id,
            'crosswalk' as match_basis,
            _source,
            _file,
            _line
        from {{ latest("crosswalk") }}
    ),

    merged as (
        select
            'account' as id_kind,
            account_id as from_id,
            merged_into_account_id as to_id,
            'merged' as match_basis,
            _source,
            _file,
            _line
        from {{ last_known("account") }}
        where merged_into_account_id <> account_id
        union all
        select 'opportunity', opportunity_id, merged_into_opportunity_id, 'merged', _source, _file, _line
        from {{ last_known("opportunity") }}
        where merged_into_opportunity_id <> opportunity_id
    ),

    links as (
        select *
        from kept
        union all
        select merged.*
        from merged
        left join kept on merged.id_kind = kept.id_kind and merged.from_id = kept.from_id
        where kept.from_id is null
    ),

    -- An employee and a claimant lead to an id of another kind, which is no link of theirs.
    steps as (
        select id_kind, from_id, to_id
        from links
        union
        select steps.id_kind, steps.from_id, links.to_id
        from steps
        inner join links on steps.id_kind = links.id_kind and steps.to_id = links.from_id
        where steps.id_kind in ('crm_user', 'account', 'opportunity')
    ),

    -- A chain visits each of its links once.
    lengths as (select id_kind, from_id, count(*) as distance from steps group by id_kind, from_id),

    ends as (
        select steps.id_kind, steps.from_id, min(steps.to_id) as to_id
        from steps
        left join
            links
            on steps.id_kind = links.id_kind
            and steps.to_id = links.from_id
            and links.id_kind in ('crm_user', 'account', 'opportunity')
        where links.from_id is null
        group by steps.id_kind, steps.from_id
    )

select
    links.id_kind,
    links.from_id,
    ends.to_id,
    links.to_id as linked_to_id,
    lengths.distance,
    links.match_basis,
    links._source,
    links._file,
    links._line
from links
left join lengths on links.id_kind = lengths.id_kind and links.from_id = lengths.from_id
left join ends on links.id_kind = ends.id_kind and links.from_id = ends.from_id
