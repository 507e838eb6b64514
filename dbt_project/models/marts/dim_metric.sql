select
    metric,
    version,
    version = case
        metric
        {% for metric in var("metric_versions") %} when '{{ metric }}' then {{ metric_version(metric) }} {% endfor %}
    end as is_in_use,
    metric_name,
    definition,
    unit,
    source,
    additive_over
from {{ ref("metric") }}
