-- What moved in who is credited for each line. A row whose amount alone changed moved by what its line did; one that
-- came or went, by what changed its holder. What undoes a sale follows it.
create temp table credit_change as
with
    told as (
        select 'old' as side, order_line_id, crm_user_id, credit_role, credited_on, reason, credited_amount
        from old.odd_credit
        union all
        select 'new', order_line_id, crm_user_id, credit_role, credited_on, reason, credited_amount
        from new.odd_credit
    )
select
    order_line_id,
    crm_user_id,
    credit_role,
    credited_on,
    reason,
    coalesce(sum(credited_amount) filter (side = 'new'), 0) - coalesce(sum(credited_amount) filter (side = 'old'), 0)
        as change_amount,
    count(*) filter (side = 'old') = 0 as has_come,
    count(*) filter (side = 'new') = 0 as has_gone
from told
group by 1, 2, 3, 4, 5
having change_amount <> 0;

create temp table credit_step as
with
    undone as (
        select order_line_id, refunds_order_line_id from new.order_line
        where refunds_order_line_id is not null and order_line_id in (select order_line_id from credit_change)
    ),

    -- Of what was told of the payment itself.
    written_off as (
        select order_line_id, max(because) as because
        from told_beside
        where kind = 'written_off'
        group by 1
    ),

    followed as (
        select
            changed.*,
            written_off.because as written_off_because,
            old_line.order_line_id is null and new_line.order_line_id is not null as is_line_new,
            coalesce(own.rate_amount, sold.rate_amount, 0) as rate_amount,
            coalesce(own.corrected_amount, sold.corrected_amount, 0) as corrected_amount,
            coalesce(own.is_merged, sold.is_merged, false) as is_merged,
            coalesce(own.is_split_otherwise, sold.is_split_otherwise, false) as is_split_otherwise,
            coalesce(own.is_corrected, sold.is_corrected, false) as is_corrected,
            coalesce(own.is_moved, sold.is_moved, false) as is_moved
        from credit_change as changed
        left join undone on changed.order_line_id = undone.order_line_id
        left join old_line on changed.order_line_id = old_line.order_line_id and old_line.basis = 'nominal'
        left join new_line on changed.order_line_id = new_line.order_line_id and new_line.basis = 'nominal'
        left join written_off on changed.reason = 'write-off' and changed.order_line_id = written_off.order_line_id
        left join line_change as own on changed.order_line_id = own.order_line_id
        left join line_change as sold on undone.refunds_order_line_id = sold.order_line_id
    ),

    rated as (
        select
            *,
            not has_come and not has_gone and (rate_amount <> 0 or corrected_amount <> 0) as is_of_amount,
            case
                when corrected_amount = 0
                then change_amount
                when rate_amount + corrected_amount = 0
                then 0
                else cast(change_amount * cast(rate_amount as double) / (rate_amount + corrected_amount)
                    as decimal(18, 4))
            end as rated_amount
        from followed
    ),

    named as (
        select
            *,
            case
                when is_merged and not is_line_new
                then 'merged'
                when is_split_otherwise and not is_line_new
                then 're-split'
                when is_corrected and not is_line_new
                then 'corrected'
                when is_moved and not is_line_new
                then 'moved'
                when written_off_because is not null
                then written_off_because
                -- What a person adjusts is told, whatever else changed.
                when getvariable('rest') <> 'unexplained' and not is_line_new and not contains(reason, 'adjustment')
                then getvariable('rest')
                when not has_come
                then 'corrected'
                when credited_on < getvariable('from_as_of')
                then 'late'
                else 'new'
            end as because
        from rated
        where not is_of_amount
    )
select because, order_line_id, crm_user_id, credit_role, credited_on, reason, change_amount as credited_amount
from named
union all
select
    unnest(['rate', 'corrected']), order_line_id, crm_user_id, credit_role, credited_on, reason,
    unnest([rated_amount, change_amount - rated_amount])
from rated
where is_of_amount;
