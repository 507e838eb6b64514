{{ config(materialized="view") }} {{ year_view("rep_value", ["crm_user_id"], ["employee_number", "rep_name"], only="cost_basis = 'actual'") }}
