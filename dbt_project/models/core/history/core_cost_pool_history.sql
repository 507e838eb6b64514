{{ history("cost_pool") }}
