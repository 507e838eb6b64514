select industry, count(*) as account_count
from {{ ref("core_customer") }}
where industry <> 'unknown'
group by industry
union all
select 'unknown', count(*)
from {{ ref("core_customer") }}
where industry = 'unknown'
