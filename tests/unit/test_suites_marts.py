"""Every check on what is published: good data passes, and each check catches the damage planted for it, alone."""

import dataclasses
import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest
from gate_example import AS_OF, make_warehouse, night

from expectations.catalogue import suites_for
from expectations.gate import CheckResult, run_gate
from expectations.vocabulary import Suite

VALUE_COLUMNS = ("reading", "lens", "basis", "value_measure", "cost_basis")


def _no_key(table: str, *columns: str) -> list[tuple[str, str, str]]:
    """A row without each of the columns, and one row twice: all at once, since each breaks a check of its own."""
    checks = [*(f"{column}_not_null" for column in columns), "key_unique"]
    rows = [f"insert into {table} by name select * replace (null as {column}) from {table} limit 1" for column in columns]
    return [(table, " ".join(checks), ";".join([f"insert into {table} select * from {table} limit 1", *rows]))]


def _value_plants(table: str, *key: str) -> list[tuple[str, str, str]]:
    """Damage to what rep_value and group_value share."""
    return [
        *_no_key(table, *key, *VALUE_COLUMNS),
        (table, "reading_in_set", f"update {table} set reading = 'decade' where reading = 'year'"),
        (table, "age_months_known", f"update {table} set age_months = 18 where age_months = 12"),
        (table, "age_only_of_cohorts", f"update {table} set age_months = 12 where reading = 'career'"),
        (table, "fiscal_year_unless_career", f"update {table} set fiscal_year = null where reading = 'year'"),
        (table, "lens_in_set", f"update {table} set lens = 'as_planned'"),
        (table, "basis_in_set", f"update {table} set basis = 'dollars'"),
        (table, "value_measure_in_set", f"update {table} set value_measure = 'activity'"),
        (table, "cost_basis_in_set", f"update {table} set cost_basis = 'budget'"),
        (table, "net_is_value_minus_cost", f"update {table} set net_value_amount = net_value_amount + 0.01"),
        (table, "cost_is_its_parts", f"update {table} set shared_cost_amount = shared_cost_amount + 0.0001 where reading = 'book'"),
        (table, "ratio_is_value_by_cost", f"update {table} set value_ratio = value_ratio + 0.0001"),
        (table, "ratio_is_value_by_cost", f"update {table} set value_ratio = 1, cost_amount = 0, direct_cost_amount = -15, net_value_amount = value_amount"),
        (table, "customers_acquired_between", f"update {table} set customers_acquired = -1, left_censored_customers = -1 where reading = 'cohort'"),
        (table, "left_censored_are_acquired", f"update {table} set left_censored_customers = 2 where reading = 'cohort'"),
    ]


def _dimension_plants(table: str, key: str) -> list[tuple[str, str, str]]:
    unknown = [(table, "has_unknown_member", f"delete from {table} where {key} = 'unknown'")] if table != "dim_date" else []
    return [*_no_key(table, key), *unknown, (table, "rows_not_fewer", f"delete from {table} where {key} in (select min({key}) from {table})")]


CREDIT_KEY = ("order_line_id", "crm_user_id", "credit_role", "credited_on", "reason")
COST_KEY = ("crm_user_id", "employee_number", "month_on", "fiscal_year", "component", "currency")

PLANTS = [
    *_dimension_plants("dim_date", "date_on"),
    *_no_key("dim_fiscal_period", "calendar_code", "fiscal_year", "fiscal_period"),
    ("dim_fiscal_period", "rows_not_fewer", "delete from dim_fiscal_period where fiscal_year = 2023"),
    ("dim_fiscal_period", "money_in_calendar", "update dim_fiscal_period set is_company_calendar = fiscal_year = 2025"),
    ("dim_fiscal_period", "money_in_calendar", "update dim_fiscal_period set is_company_calendar = fiscal_year = 2023"),
    ("rep_value", "books_are_all_months book_is_a_twelfth", "update dim_fiscal_period set is_company_calendar = true"),
    *_dimension_plants("dim_rep", "crm_user_id"),
    *_dimension_plants("dim_team", "team_id"),
    *_dimension_plants("dim_manager", "manager_crm_user_id"),
    *_dimension_plants("dim_territory", "territory_id"),
    *_dimension_plants("dim_customer", "account_id"),
    *_dimension_plants("dim_industry", "industry"),
    *_dimension_plants("dim_acquisition_method", "acquisition_method"),
    *_no_key("dim_metric", "metric", "version"),
    ("dim_metric", "rows_not_fewer", "delete from dim_metric"),
    ("core_row_count", "loaded_lines_came_in", "update core.core_row_count set rows_of_lines = 4 where entity = 'job'"),
    ("core_row_count", "rows_accounted_for", "update core.core_row_count set repeat_rows = 0 where entity = 'job'"),
    ("core_row_count", "rows_accounted_for", "update core.core_row_count set version_rows = null where entity = 'job'"),
    ("core_order_line", "rate_known", "update core.core_order_line set revenue_amount = null where currency = 'EUR'"),
    ("core_order_line", "rep_delivered", "update core.core_order_line set crm_user_id = 'unknown' where order_line_id = 'L2'"),
    ("core_order_line", "account_delivered", "update core.core_order_line set account_id = 'nobody' where order_line_id = 'L2'"),
    ("core_order_line", "one_currency_a_contract", "update core.core_order_line set opportunity_id = 'a'"),
    ("core_refund", "in_the_currency_of_the_sale", "insert into core.core_refund values ('L1', 'L2')"),
    ("core_payment_part", "rate_known", "update core.core_payment_part set payment_amount = null"),
    ("core_seat", "one_seat_a_rep", "update core.core_seat set assigned_to_on = date '2024-01-01' where territory_id = 'T2'"),
    ("core_period_close", "each_close_closes", "delete from core.core_period_close"),
    (
        "core_late_line",
        "none_of_a_closed_month",
        "insert into core.core_late_line values ('f', 2, 'order_line', '2024-01-01', '2024-02-01', 100)",
    ),
    *_no_key("period_status", "month_on"),
    ("period_status", "period_state_in_set", "update period_status set period_state = 'ajar', closed_on = null"),
    ("period_status", "closed_by_whom_and_when", "update period_status set closed_by = null"),
    ("core_cost_line", "rate_known", "update core.core_cost_line set cost_amount = null where crm_user_id = 'R2'"),
    ("core_cost_line", "someone_or_a_reason", "update core.core_cost_line set crm_user_id = null"),
    ("core_cost_line", "someone_or_a_reason", "update core.core_cost_line set crm_user_id = 'R1'"),
    ("core_basis_gap", "told_in_each_basis", "update core.core_basis_gap set basis = 'constant', lacking = 'TRL', row_count = 2"),
    (
        "core_price_index",
        "month_published",
        "update core.core_price_index set is_carried = true, told_month_on = date '2023-03-01' where month_on = date '2023-04-01'",
    ),
    ("core_pool_line", "rate_known", "update core.core_pool_line set cost_amount = null"),
    ("core_coaching_line", "rate_known", "update core.core_coaching_line set cost_amount = null"),
    ("core_pay_gap", "employed_days_have_base_pay", "update core.core_pay_gap set component = 'base'"),
    *_no_key("fct_opportunity", "opportunity_id"),
    ("fct_opportunity", "won_on_a_known_day", "update fct_opportunity set closed_on = null"),
    ("fct_opportunity", "rate_known", "update fct_opportunity set reporting_amount = null"),
    *_no_key("fct_goal", "goal_id", "goal_version"),
    *_no_key("fct_activity_daily", "crm_user_id", "activity_on", "activity_type"),
    *_no_key("fct_customer_value", "account_id", "month_on"),
    ("core_crosswalk", "chain_has_an_end", "update core.core_crosswalk set to_id = null"),
    ("core_crosswalk", "leads_to_what_is_delivered", "update core.core_crosswalk set to_id = 'nothing'"),
    ("core_crosswalk", "each_merge_counts", "update core.core_account_history set merged_into_account_id = 'q'"),
    ("core_crosswalk", "each_merge_counts", "update core.core_opportunity_history set merged_into_opportunity_id = 'q'"),
    (
        "core_user_employee",
        "one_user_an_employee",
        "insert into core.core_crm_user_history select * replace ('twin' as crm_user_id) from core.core_crm_user_history;"
        "insert into core.core_user_employee select * replace ('twin' as crm_user_id) from core.core_user_employee",
    ),
    (
        "core_user_employee",
        "one_employee_a_user",
        "insert into core.core_employee_history select * replace ('b' as employee_number, date '2024-01-31' as hired_on) from core.core_employee_history;"
        "insert into core.core_user_employee select * replace ('b' as employee_number) from core.core_user_employee",
    ),
    ("correction", "changes_something", "update correction set correction_state = 'waiting'"),
    ("correction", "changes_something", "update correction set correction_state = 'unmatched'"),
    *_no_key("taken_over", "entity", "source", "currency"),
    ("fct_order_line", "delivered_lines_kept", "delete from taken_over"),
    *_no_key("conflict", "entity", "lost_file", "lost_line"),
    ("conflict", "no_row_of_a_delta_lost", "update conflict set entity = 'order_line'"),
    *_no_key("correction", "correction_id"),
    *_no_key("id_alias", "id_kind", "alias_id"),
    *_no_key("unmatched_identity", "id_kind", "id", "source", "reason"),
    *_no_key("unattributed_cost", "employee_number", "month_on", "component", "currency", "reason"),
    *_no_key("fct_clawback", "employee_number", "period_start_on", "item_code"),
    ("fct_clawback", "names_a_commission", "update fct_clawback set commission_pay_amount = null"),
    *_no_key("fct_order_line", "order_line_id", "ordered_on"),
    ("fct_order_line", "ordered_before_as_of", "update fct_order_line set ordered_on = date '2024-06-30' where order_line_id = 'L2'"),
    ("fct_order_line", "delivered_lines_kept", "delete from fct_order_line where order_line_id = 'L2'"),
    ("fct_order_line", "delivered_lines_kept", "insert into fct_order_line by name select 'L3' as order_line_id, 'USD' as currency, 0 as booked_amount"),
    ("fct_order_line", "credited_or_explicitly_not", "delete from fct_credit where order_line_id = 'L2'"),
    ("fct_order_line", "credited_or_explicitly_not", "update fct_credit set credited_amount = credited_amount + 0.005 where order_line_id = 'L1'"),
    ("fct_order_line", "credited_in_total", "insert into fct_credit select * replace ('L9' as order_line_id) from fct_credit limit 1"),
    *_no_key("fct_credit", *CREDIT_KEY, "credited_amount"),
    ("fct_credit", "credit_role_in_set", "update fct_credit set credit_role = 'helped'"),
    ("fct_order_line", "credited_or_explicitly_not", "update fct_credit set credit_role = 'close' where credit_role = 'overlay'"),
    ("fct_order_line", "credited_or_explicitly_not", "delete from core.core_write_off"),
    ("core_refund", "no_more_than_was_sold", "insert into core.core_refund values ('L1', 'L2')"),
    ("core_write_off", "rate_known", "update core.core_write_off set written_off_amount = null"),
    ("core_write_off", "no_more_than_was_sold", "update core.core_write_off set written_off_amount = 100.01"),
    ("core_write_off", "of_a_known_line", "delete from core.core_write_off"),
    ("core_credit_adjustment", "rate_known", "update core.core_credit_adjustment set moved_amount = null where crm_user_id = 'R2'"),
    ("core_credit_adjustment", "no_more_than_there_is", "update core.core_credit_adjustment set lacking_amount = -5 where crm_user_id = 'R1'"),
    ("core_credit_adjustment", "nobody_below_nothing", "update fct_credit set credited_amount = -55.01 where reason = 'adjustment K' and crm_user_id = 'R1'"),
    ("core_credit_adjustment", "nobody_below_nothing", "update fct_credit set crm_user_id = 'R3' where reason = 'acquirer'"),
    ("core_credit_adjustment", "of_a_known_sale", "update core.core_credit_adjustment_history set order_line_id = 'L9'"),
    ("core_credit_adjustment", "of_a_known_sale", "insert into core.core_refund values ('L2', 'L1')"),
    ("core_credit_adjustment", "between_known_people", "update core.core_credit_adjustment_history set to_crm_user_id = 'R9'"),
    ("core_credit_adjustment", "between_known_people", "delete from core.core_identity where crm_user_id = 'R1'"),
    *_no_key("deal_bridge", "fiscal_year", "basis", "bridge_step"),
    ("deal_bridge", "basis_in_set", "update deal_bridge set basis = 'real money'"),
    ("deal_bridge", "bridge_step_in_set", "update deal_bridge set bridge_step = 'unexplained' where step_number = 9"),
    ("deal_bridge", "steps_lead_to_booked", "delete from deal_bridge where step_number = 9"),
    ("deal_bridge", "booked_leads_to_net", "delete from deal_bridge where step_number = 13"),
    ("deal_bridge", "won_is_the_funnels", "update deal_funnel set won_amount = won_amount + 0.01"),
    ("deal_bridge", "booked_is_the_contracts", "delete from contract_value where bookings_amount = 40"),
    *_no_key("credit_policy_comparison", "crm_user_id", "fiscal_year", "policy", "basis"),
    ("credit_policy_comparison", "basis_in_set", "update credit_policy_comparison set basis = 'dollars'"),
    ("credit_policy_comparison", "same_total_under_each_policy", "update credit_policy_comparison set credited_amount = 95.01 where policy = 'split'"),
    ("credit_policy_comparison", "same_total_under_each_policy", "delete from credit_policy_comparison where policy = 'handover'"),
    ("credit_policy_comparison", "same_total_under_each_policy", "update credit_policy_comparison set basis = 'real' where policy = 'owner'"),
    *_no_key("fct_rep_cost", *COST_KEY),
    ("fct_rep_cost", "component_in_set", "update fct_rep_cost set component = 'salary'"),
    ("fct_rep_cost", "month_is_first", "update fct_rep_cost set month_on = date '2023-03-02'"),
    ("fct_rep_cost", "delivered_cost_kept", "delete from unattributed_cost where reason = 'rejected'"),
    ("fct_rep_cost", "delivered_cost_kept", "update fct_rep_cost set cost_local_amount = 40.005 where crm_user_id = 'R1'"),
    ("fct_rep_cost", "delivered_cost_kept", "update core.core_pay_item_history set currency = 'EUR' where employee_number = 'E2'"),
    ("fct_rep_cost", "delivered_cost_kept", "delete from unattributed_cost where component = 'tools'"),
    ("fct_rep_cost", "what_moves_stays", "insert into fct_rep_cost values ('R1', 'E1', '2023-03-01', 2023, 'management', 'USD', 0, 1)"),
    ("fct_rep_cost", "cost_is_someones_or_nobodys", "update fct_rep_cost set cost_amount = 39.99 where crm_user_id = 'R1'"),
    *_value_plants("rep_value", "crm_user_id"),
    ("rep_value", "ratio_is_value_by_cost", "update rep_value set ratio_withheld_reason = 'counted in the group'"),
    (
        "rep_value",
        "one_role_a_year",
        "update rep_value set ratio_withheld_reason = 'counted in the group: the role SE bears no credit', value_ratio = null where reading = 'book'",
    ),
    (
        "rep_value",
        "career_is_in_the_group_as_every_year_is",
        "update rep_value set ratio_withheld_reason = 'counted in the group: the role SE bears no credit', value_ratio = null where reading = 'career'",
    ),
    (
        "rep_value",
        "career_is_in_the_group_as_every_year_is",
        """
        update rep_value set ratio_withheld_reason = 'counted in the group: the role SE bears no credit', value_ratio = null where fiscal_year is not null;
        delete from ratio_bridge
        """,
    ),
    ("rep_value", "cost_below_0_is_told", "update rep_value set cost_amount = -20, value_ratio = null where crm_user_id = 'R2' and reading = 'year'"),
    ("rep_value", "ratio_is_value_by_cost", "update rep_value set cost_amount = -cost_amount, value_ratio = -value_ratio"),
    ("rep_value", "revenue_is_the_companys", "update rep_value set revenue_amount = 99.99 where revenue_amount = 100"),
    ("rep_value", "revenue_is_the_companys", "delete from company_revenue where fiscal_year = 2024"),
    ("rep_value", "book_is_a_twelfth", "update rep_value set value_amount = 99.9999 where reading = 'book'"),
    ("rep_value", "books_are_all_months", "delete from core.core_value_piece"),
    ("rep_value", "books_are_all_months", "update fct_customer_value set is_over = null"),
    ("rep_value", "cost_is_what_reps_cost", "delete from rep_value where crm_user_id = 'R2' and reading = 'year'"),
    ("rep_value", "standard_cost_is_the_actual_in_all", "update rep_value set cost_amount = 41 where cost_basis = 'standard' and crm_user_id = 'R1'"),
    ("rep_value", "standard_cost_is_the_actual_in_all", "delete from rep_value where cost_basis = 'standard' and reading = 'career' and crm_user_id = 'R2'"),
    ("rep_value", "standard_cost_is_the_actual_in_all", "update rep_value set cost_amount = 41 where cost_basis = 'standard' and age_months = 12"),
    ("rep_value", "standard_cost_is_of_five", "update rep_value set standard_cost_people = 4 where cost_basis = 'standard' and reading = 'cohort'"),
    ("rep_value", "standard_cost_is_of_five", "update rep_value set standard_cost_level = 'years' where cost_basis = 'standard' and reading = 'year'"),
    ("rep_value", "standard_cost_is_of_five", "update rep_value set standard_cost_level = 'person' where cost_basis = 'standard' and reading = 'cohort'"),
    ("rep_value", "standard_cost_is_of_five", "update rep_value set standard_cost_people = 4 where cost_basis = 'standard' and reading = 'year'"),
    ("rep_value", "standard_cost_is_of_five", "update rep_value set standard_cost_level = null where cost_basis = 'standard'"),
    ("rep_value", "career_is_what_customers_brought", "update rep_value set realised_ltv_amount = 100 where reading = 'career' and crm_user_id = 'R1'"),
    ("rep_value", "cost_amount_same_through_each_lens", "delete from rep_value where reading = 'year' and fiscal_year = 2024 and lens = 'as_is'"),
    ("rep_value", "customers_acquired_same_through_each_lens", "update rep_value set customers_acquired = 2 where reading = 'cohort' and lens = 'as_was'"),
    ("rep_value", "realised_ltv_amount_same_through_each_lens", "update rep_value set realised_ltv_amount = 1 where reading = 'cohort' and lens = 'as_was'"),
    *_value_plants("group_value", "group_type", "group_id"),
    ("group_value", "group_type_in_set", "update group_value set group_type = 'planet' where group_type = 'team'"),
    ("group_value", "revenue_is_the_reps", "delete from group_value where group_type = 'team' and fiscal_year = 2024"),
    ("group_value", "lifetime_value_is_the_reps", "update group_value set realised_ltv_amount = 1 where group_type = 'manager' and age_months = 12"),
    ("group_value", "cost_is_the_reps", "update group_value set cost_amount = cost_amount + 0.01 where group_type = 'territory' and reading = 'career'"),
    ("group_value", "book_is_a_twelfth", "update group_value set value_amount = 100.0001 where reading = 'book' and group_type = 'company'"),
    ("group_value", "book_is_a_twelfth", "delete from group_value where reading = 'book' and group_type = 'team'"),
    ("group_value", "book_is_a_twelfth", "update core.core_value_piece set fiscal_year = 2022"),
    (
        "group_value",
        "trees_are_their_territories",
        "update group_value set management_cost_amount = 4, direct_cost_amount = direct_cost_amount + 1"
        " where group_type = 'territory_tree' and reading = 'year'",
    ),
    ("group_value", "trees_are_their_territories", "delete from group_value where group_type = 'territory_tree' and reading = 'year'"),
    *_no_key("segment_value", "segment_type", "segment", "reading", "lens", "basis", "value_measure"),
    ("segment_value", "reading_in_set", "update segment_value set reading = 'book' where reading = 'year'"),
    ("segment_value", "segment_type_in_set", "update segment_value set segment_type = 'planet' where segment_type = 'region'"),
    ("segment_value", "age_months_known", "update segment_value set age_months = 18 where age_months = 12"),
    ("segment_value", "age_only_of_cohorts", "update segment_value set age_months = 12 where reading = 'career'"),
    ("segment_value", "fiscal_year_unless_career", "update segment_value set fiscal_year = 2024 where reading = 'career'"),
    ("segment_value", "lens_in_set", "update segment_value set lens = 'as_planned' where segment_type = 'region'"),
    ("segment_value", "lens_only_of_regions", "update segment_value set lens = 'as_is' where segment_type = 'industry'"),
    ("segment_value", "basis_in_set", "update segment_value set basis = 'dollars'"),
    ("segment_value", "value_measure_in_set", "update segment_value set value_measure = 'activity'"),
    ("segment_value", "ratio_is_value_by_cost", "update segment_value set value_ratio = 9 where reading = 'year'"),
    ("segment_value", "revenue_is_the_companys", "update segment_value set revenue_amount = 1 where segment_type = 'region' and fiscal_year = 2024"),
    ("segment_value", "lifetime_value_is_the_reps", "update segment_value set realised_ltv_amount = 1 where segment_type = 'industry' and reading = 'career'"),
    ("segment_value", "cost_is_the_reps_and_marketing", "delete from segment_value where segment = 'T'"),
    ("segment_value", "first_segment_not_null", "update segment_value set first_segment = null where segment = 'S × T'"),
    ("segment_value", "next_key_moves_nothing", "update segment_value set next_key_cost_amount = 4 where segment = 'S × T'"),
    ("segment_value", "next_key_ratio_is_value_by_cost", "update segment_value set next_key_value_ratio = 9 where reading = 'year'"),
    ("segment_value", "standard_moves_nothing", "update segment_value set standard_cost_amount = 4 where segment = 'S × T'"),
    ("segment_value", "standard_ratio_is_value_by_cost", "update segment_value set standard_value_ratio = 9 where reading = 'career'"),
    ("segment_value", "pairs_add_up_to_their_sides", "update segment_value set value_amount = 99 where segment_type = 'region_industry' and reading = 'year'"),
    ("segment_value", "pairs_add_up_to_their_sides", "update segment_value set customers_acquired = 2 where segment_type = 'industry' and reading = 'cohort'"),
    ("segment_value", "pairs_add_up_to_their_sides", "update segment_value set first_segment = 'R' where segment = 'S × S'"),
    ("segment_value", "cost_is_the_reps_and_marketing", "update segment_value set cost_amount = 41 where segment_type = 'region' and cost_amount = 40"),
    ("core_hierarchy", "no_cycle", "update core.core_hierarchy set is_cycle = true"),
    ("core_hierarchy", "no_cycle_in_the_past", "update core.core_hierarchy set is_cycle = true, valid_to_on = date '2021-01-01'"),
    *_no_key("dim_account_owner", "account_id", "valid_from_on", "crm_user_id"),
    ("dim_account_owner", "span_not_empty", "update dim_account_owner set valid_to_on = valid_from_on"),
    *_no_key("dim_rep_group", "crm_user_id", "valid_from_on", "team_id", "manager_crm_user_id", "territory_id"),
    ("dim_rep_group", "span_not_empty", "update dim_rep_group set valid_to_on = valid_from_on"),
    *_no_key("dim_hierarchy", "hierarchy", "descendant_id", "ancestor_id", "depth", "valid_from_on"),
    ("dim_hierarchy", "hierarchy_in_set", "update dim_hierarchy set hierarchy = 'planet'"),
    ("dim_hierarchy", "nobody_above_themselves", "update dim_hierarchy set ancestor_id = descendant_id"),
    ("dim_hierarchy", "span_not_empty", "update dim_hierarchy set valid_to_on = valid_from_on"),
    *_no_key("fct_seat", "territory_id", "held_from_on", "crm_user_id", "held_to_on"),
    ("fct_seat", "empty_has_no_holder", "update fct_seat set holder_count = 1 where crm_user_id = 'unknown'"),
    ("fct_seat", "no_gap", "update fct_seat set held_to_on = date '2023-06-30' where held_to_on = date '2023-07-01'"),
    ("fct_seat", "no_gap", "delete from fct_seat where crm_user_id = 'unknown'"),
    *_no_key("fct_seat_quota", "goal_id", "goal_version", "held_from_on", "crm_user_id", "quota_amount"),
    ("fct_seat_quota", "day_count_between", "update fct_seat_quota set day_count = 0"),
    ("fct_seat_quota", "quota_is_the_target", "update fct_seat_quota set quota_amount = 39.99 where crm_user_id = 'unknown'"),
    ("fct_seat_quota", "quota_is_the_target", "update fct_goal set owner_type = 'team' where goal_id = 'Q1'"),
    ("fct_seat_quota", "actual_is_the_seats", "update fct_seat_quota set actual_amount = null where crm_user_id = 'R1'"),
    *_no_key("customer_lifetime_value", "account_id", "basis", "realised_ltv_amount"),
    ("customer_lifetime_value", "basis_in_set", "update customer_lifetime_value set basis = 'real money'"),
    ("customer_lifetime_value", "acquisition_basis_in_set", "update customer_lifetime_value set acquisition_basis = 'guessed'"),
    ("customer_lifetime_value", "value_is_what_was_sold", "update customer_lifetime_value set realised_ltv_amount = 100"),
    *_no_key("goal_attainment", "goal_id", "goal_version", "lens", "basis"),
    ("goal_attainment", "basis_in_set", "update goal_attainment set basis = 'real money'"),
    ("goal_attainment", "lens_in_set", "update goal_attainment set lens = 'as_planned' where lens = 'as_is'"),
    (
        "goal_attainment",
        "company_same_through_each_lens",
        "update goal_attainment set actual_amount = 80, attainment_pct = 100 where goal_id = 'G2' and lens = 'as_is'",
    ),
    ("goal_attainment", "owner_type_in_set", "update goal_attainment set owner_type = 'region', crm_user_id = null"),
    ("goal_attainment", "person_only_of_reps", "update goal_attainment set owner_type = 'team'"),
    ("goal_attainment", "period_not_empty", "update goal_attainment set period_end_on = period_start_on"),
    ("goal_attainment", "attainment_is_actual_by_target", "update goal_attainment set attainment_pct = 100"),
    ("goal_attainment", "attainment_is_actual_by_target", "update goal_attainment set target_amount = 0"),
    ("tie_out", "is_tied", "update tie_out set is_tied = false"),
    ("tie_out", "is_tied", "update tie_out set is_tied = null"),
    *_no_key("ledger_tie", "month_on", "cost_centre", "ledger_kind", "currency"),
    ("ledger_tie", "difference_is_named", "update ledger_tie set not_in_books_amount = 1"),
    ("ledger_tie", "difference_is_named", "update ledger_tie set books_amount = 1"),
    ("ledger_tie", "other_centres_cancel", "update ledger_tie set other_cost_centre_amount = 1"),
    ("ledger_tie", "books_agree", "update ledger_tie set files_less_books_amount = 1"),
    *_no_key("pay_reconciliation", "crm_user_id", "component", "currency", "fiscal_year"),
    ("pay_reconciliation", "paid_is_earned_and_moved_reporting", "update pay_reconciliation set unpaid_amount = 1"),
    ("pay_reconciliation", "paid_is_earned_and_moved_local", "update pay_reconciliation set earned_before_local_amount = 1"),
    ("pay_reconciliation", "earned_is_what_reps_cost", "delete from pay_reconciliation where crm_user_id = 'R1'"),
    *_no_key("tenure_value", "crm_user_id", "basis"),
    ("tenure_value", "basis_in_set", "update tenure_value set basis = 'dollars'"),
    ("tenure_value", "tenure_year_between", "update tenure_value set tenure_year = 91"),
    ("tenure_value", "ratio_is_value_by_cost", "update tenure_value set value_ratio = 3"),
    ("tenure_value", "ratio_is_value_by_cost", "update tenure_value set ratio_withheld_reason = 'its role' where crm_user_id = 'R2'"),
    (
        "tenure_value",
        "unpaid_as_in_rep_value",
        "update rep_value set ratio_withheld_reason = 'no employee is matched: no pay is known', value_ratio = null where crm_user_id = 'R2'",
    ),
    (
        "tenure_value",
        "unpaid_as_in_rep_value",
        "update tenure_value set ratio_withheld_reason = 'no employee is matched: no pay is known', value_ratio = null where crm_user_id = 'R2'",
    ),
    ("tenure_value", "revenue_is_that_of_all_years", "update tenure_value set revenue_amount = 99 where crm_user_id = 'R1'"),
    ("tenure_value", "cost_is_that_of_all_years", "delete from tenure_value where crm_user_id = 'R2'"),
    *_no_key("like_for_like", "fiscal_year", "population", "basis"),
    ("like_for_like", "population_in_set", "update like_for_like set population = 'some'"),
    ("like_for_like", "basis_in_set", "update like_for_like set basis = 'dollars'"),
    ("like_for_like", "ratio_is_value_by_cost", "update like_for_like set value_ratio = null"),
    *(
        ("like_for_like", f"everyones_{amount}_is_that_of_all_reps", f"update like_for_like set {amount} = 1")
        for amount in ("revenue_amount", "before_revenue_amount", "cost_amount", "before_cost_amount")
    ),
    *_no_key("ratio_bridge", "holder_type", "holder_id", "fiscal_year", "step_number"),
    ("ratio_bridge", "holder_type_in_set", "update ratio_bridge set holder_type = 'somebody' where step = 'mix'"),
    ("ratio_bridge", "step_has_its_number", "update ratio_bridge set step = 'price' where step = 'cost'"),
    ("ratio_bridge", "unsplit_only_of_units", "update ratio_bridge set unsplit_amount = 1 where step = 'price'"),
    ("ratio_bridge", "change_is_the_way_between", "update ratio_bridge set change_ratio = 0.126 where step = 'price'"),
    ("ratio_bridge", "change_is_the_way_between", "update ratio_bridge set change_ratio = null where step = 'price'"),
    ("ratio_bridge", "steps_follow_each_other", "update ratio_bridge set from_ratio = 2.6, to_ratio = 2.6 where step = 'mix'"),
    ("ratio_bridge", "steps_follow_each_other", "delete from ratio_bridge where step = 'cost'"),
    ("ratio_bridge", "begins_at_the_ratio_before", "update ratio_bridge set from_ratio = 2.4 where step_number = 1"),
    ("ratio_bridge", "ends_at_the_ratio", "update ratio_bridge set to_ratio = null where step_number = 6"),
    ("ratio_bridge", "value_steps_are_the_change_of_value", "update ratio_bridge set value_change_amount = 5.01 where step = 'price'"),
    ("ratio_bridge", "cost_step_is_the_change_of_cost", "update ratio_bridge set cost_change_amount = -19.99 where step = 'cost'"),
    *_no_key("company_revenue", "fiscal_year", "channel", "basis"),
    ("company_revenue", "basis_in_set", "update company_revenue set basis = 'dollars'"),
    ("company_revenue", "is_here_for_something", "update company_revenue set order_count = 0"),
    ("company_revenue", "is_here_for_something", "update company_revenue set order_count = null, declared_amount = 0"),
    ("company_revenue", "revenue_is_what_was_sold", "delete from company_revenue where fiscal_year = 2024"),
    ("company_revenue", "total_not_fallen", "update company_revenue set revenue_amount = 0.69 * revenue_amount"),
    ("company_revenue", "past_year_not_moved", "update company_revenue set revenue_amount = 105.01 where fiscal_year = 2023"),
]


def _suites() -> list[Suite]:
    return [suite for suite in suites_for(night(Path())) if suite.layer != "raw" and not suite.name.endswith("_history")]


SUITES = {suite.name: suite for suite in _suites()}


@pytest.fixture(scope="module")
def good_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("good") / "w.duckdb")


@pytest.fixture(scope="module")
def previous(good_warehouse: Path) -> Path:
    """The last publication: as the good warehouse is now."""
    path = good_warehouse.with_name("previous.duckdb")
    shutil.copy(good_warehouse, path)
    return path


def _results(warehouse: Path, tmp_path: Path, previous: Path, suites: list[Suite], **changes: object) -> dict[tuple[str, str], CheckResult]:
    facts = night(tmp_path, previous=previous, **changes)
    return {(result.suite, result.check): result for result in run_gate(warehouse, facts, suites).results}


def test_good_data_passes(good_warehouse: Path, previous: Path, tmp_path: Path) -> None:
    results = _results(good_warehouse, tmp_path, previous, _suites())
    assert [result.line for result in results.values() if not result.success or result.broke] == []
    assert set(results) == {(suite.name, check.name) for suite in _suites() for check in suite.checks}
    assert not (tmp_path / "failed/gate").exists()


@pytest.mark.parametrize(("suite", "checks", "damage"), PLANTS, ids=[f"{suite}.{checks.split()[-1]}" for suite, checks, _ in PLANTS])
def test_damage_is_caught(suite: str, checks: str, damage: str, good_warehouse: Path, previous: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    shutil.copy(good_warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(damage)
    only = dataclasses.replace(SUITES[suite], checks=tuple(check for check in SUITES[suite].checks if check.name in checks.split()))
    results = _results(warehouse, tmp_path, previous, [only])
    for check in checks.split():
        result = results[suite, check]
        assert result.broke is None, result.line
        assert not result.success, f"{check} let the damage pass"
        assert result.keys, f"the rows that break {check} can't be found"


def test_a_year_in_which_accounts_were_handed_over_and_nothing_sold_yet_ties_out(good_warehouse: Path, previous: Path, tmp_path: Path) -> None:
    """Only the policy handover has rows of it, which come to nothing."""
    warehouse = tmp_path / "w.duckdb"
    shutil.copy(good_warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        told = "select * replace (2026 as fiscal_year, 'handover' as policy, 0 as credited_amount) from credit_policy_comparison limit 1"
        connection.execute(f"insert into credit_policy_comparison {told}")
    suite = SUITES["credit_policy_comparison"]
    only = dataclasses.replace(suite, checks=tuple(check for check in suite.checks if check.name == "same_total_under_each_policy"))
    (result,) = _results(warehouse, tmp_path, previous, [only]).values()
    assert result.success, result.line


def test_every_check_was_seen_to_catch_something() -> None:
    planted = {(suite, check) for suite, checks, _ in PLANTS for check in checks.split()}
    assert {(suite.name, check.name) for suite in _suites() for check in suite.checks} - planted == set()


@pytest.mark.parametrize(
    ("accepted", "severity"),
    [(None, "BLOCK"), (AS_OF, "NOTE"), (AS_OF.replace(day=1), "BLOCK")],
    ids=["nobody looked", "accepted for this as-of date", "accepted for another"],
)
def test_drift_blocks_until_a_person_accepts_it(accepted: dt.date | None, severity: str, good_warehouse: Path, previous: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    shutil.copy(good_warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update company_revenue set revenue_amount = 0.69 * revenue_amount")
    facts = night(tmp_path, previous=previous, drift_accepted_on=accepted)
    results = {result.check: result for result in run_gate(warehouse, facts, [SUITES["company_revenue"]]).results}
    assert results["total_not_fallen"].severity == severity
    assert results["total_not_fallen"].blocks == (severity == "BLOCK")
    assert "drift_accepted_on" in results["total_not_fallen"].line


@pytest.mark.parametrize(("accepted", "blocks"), [(None, True), (AS_OF, False)])
def test_a_publication_of_older_code_that_cannot_be_compared_blocks_until_accepted(
    accepted: dt.date | None, blocks: bool, good_warehouse: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older.duckdb"
    with duckdb.connect(str(older)) as connection:
        connection.execute("create table company_revenue as select 2023 as fiscal_year, 'nominal' as basis, 1 as another_name")
    report = run_gate(good_warehouse, night(tmp_path, previous=older, drift_accepted_on=accepted), [SUITES["company_revenue"]])
    assert {result.check for result in report.results if result.broke} == {"total_not_fallen", "past_year_not_moved"}
    assert bool(report.blocking) == blocks


def test_a_first_publication_has_nothing_to_drift_from(good_warehouse: Path, tmp_path: Path) -> None:
    checks = {result.check for result in run_gate(good_warehouse, night(tmp_path), [SUITES["company_revenue"]]).results}
    assert "key_unique" in checks
    assert not checks & {"total_not_fallen", "past_year_not_moved"}
