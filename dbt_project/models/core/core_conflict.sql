-- The same key twice in one extract: the later update won. The loser is listed here, so that nobody has to wonder.
{% for entity in versioned_entities() %}
    select
        '{{ entity }}' as entity,
        loser._source as source,
        loser._extract_date as extract_date,
        loser._file as lost_file,
        loser._line as lost_line,
        winner._file as kept_file,
        winner._line as kept_line,
        loser._content_hash = winner._content_hash as is_identical
    from ({{ ranked_versions(entity) }}) as loser
    inner join
        ({{ ranked_versions(entity) }}) as winner
        on {% for column in contract_key(entity) %} loser.{{ column }} = winner.{{ column }} and {% endfor %}
        loser._source = winner._source
        and loser._since_on = winner._since_on
        and loser._extract_date = winner._extract_date
        and winner._rank = 1
    where loser._rank > 1
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
