select metric, version, metric_name, definition, unit, source, additive_over from {{ ref("metric") }}
