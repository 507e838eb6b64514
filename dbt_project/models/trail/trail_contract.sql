-- Which part of which order line is in the contract value of whom, of which year: what contract_value adds up of lines.
{% for basis in var("bases") %}
    select pieces.*, '{{ basis }}' as basis
    from ({{ contract_pieces(basis=basis) }}) as pieces
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
