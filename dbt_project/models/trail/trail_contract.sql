-- Which part of which order line is in the contract value of whom, of which year: what contract_value adds up of lines.
{{ contract_pieces() }}
