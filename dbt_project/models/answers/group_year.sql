{{ config(materialized="view") }}
{{ year_view("group_value", ["group_type", "group_id"], ["group_name"], only="group_type not in ('company', 'territory_tree')") }}
