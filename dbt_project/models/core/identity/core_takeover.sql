-- What company.toml declares, for whoever has to look at both sources of an entity.
select
    cast(null as varchar) as entity,
    cast(null as varchar) as taken_source,
    cast(null as varchar) as taking_source,
    cast(null as date) as takes_over_on
where false
{% for entity in versioned_entities() + ["activity"] %}
    {% for pair in takeovers(entity) %}
        union all
        select '{{ entity }}', '{{ pair.taken }}', '{{ pair.taking }}', cast('{{ pair.takes_over_on }}' as date)
    {% endfor %}
{% endfor %}
