-- Which order line is in which step of whose bridge: core_bridge_piece, line by line.
{{ bridge_lines() }}
