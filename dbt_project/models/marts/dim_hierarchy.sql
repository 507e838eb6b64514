select hierarchy, descendant_id, ancestor_id, depth, valid_from_on, valid_to_on
from {{ ref("core_hierarchy") }}
where not is_cycle
