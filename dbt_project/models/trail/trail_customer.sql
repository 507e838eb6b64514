-- Which customers are in which cohort of whom, each by the line that won it.
with
    acquisitions as (select * from {{ ref("core_acquisition") }}),

    firsts as (select account_id, order_line_id from {{ ref("core_first_line") }}),

    regions as (
        select account_id, lens, segment as region from {{ ref("core_customer_segment") }} where segment_type = 'region'
    ),

    customers as (select account_id, industry, acquisition_method from {{ ref("core_customer") }})

select
    lens_years.lens,
    acquisitions.fiscal_year,
    acquisitions.acquiring_crm_user_id as crm_user_id,
    groups.team_id,
    groups.manager_crm_user_id,
    groups.territory_id,
    regions.region,
    customers.industry,
    customers.acquisition_method,
    acquisitions.account_id,
    acquisitions.acquired_on,
    acquisitions.acquisition_basis,
    firsts.order_line_id
from acquisitions
inner join firsts on acquisitions.account_id = firsts.account_id
inner join customers on acquisitions.account_id = customers.account_id
inner join {{ ref("core_lens_year") }} as lens_years on acquisitions.fiscal_year = lens_years.fiscal_year
inner join
    {{ ref("core_rep_group") }} as groups
    on acquisitions.acquiring_crm_user_id = groups.crm_user_id
    and coalesce(lens_years.read_on, acquisitions.acquired_on) = groups.day_on
left join regions on acquisitions.account_id = regions.account_id and lens_years.lens = regions.lens
