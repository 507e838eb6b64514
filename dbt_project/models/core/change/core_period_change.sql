-- Stretches between the days on which periods begin or end that are others than last night, for days past. Empty on a
-- night that makes everything anew.
{% if is_whole_night() %} select cast(null as date) as stretch_from_on where false
{% else %}
    select distinct stretch_from_on
    from
        (
            {{
                difference(
                    "change.core_period_day",
                    "(select distinct day_on, stretch_from_on from " ~ ref("core_period_day") ~ ")",
                )
            }}
        ) as moved
    where day_on < {{ built_as_of_on() }}
{% endif %}
