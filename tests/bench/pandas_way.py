"""What a team would have otherwise: the same answers from the same raw in pandas, all in memory.

Written as a careful analyst would write it for this company alone: only the columns that are needed, whole frames, no loop over rows.
Amounts are whole ten-thousandths, since sums of floats are not to the cent. Belongs here: the answers that `ANSWERS` names.
Doesn't: the other facts, comparing (`compare_rows`).
"""

import argparse
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

ONE = 10_000
HOLDERS = {"rep": "crm_user_id", "team": "team_id", "manager": "manager_crm_user_id", "territory": "territory_id", "company": "company"}
SEGMENTS = ("region", "industry", "acquisition_method")
COMPONENTS = ("base", "commission", "bonus", "taxes", "benefits", "expenses", "tools", "overhead", "management")
MEASURES = {"revenue": "revenue_amount", "gross_margin": "gross_margin_amount"}
READINGS = [("year", None), ("book", None), ("cohort", 12), ("cohort", 24), ("cohort", 36), ("cohort", None)]
NO_AGE = -1
_HOLDER, _READING = ["holder_type", "holder_id"], ["reading", "fiscal_year", "age_months"]


@dataclass
class Raw:
    """The delivered rows. as_of: the last extract date."""

    folder: Path

    def read(self, entity: str, *columns: str) -> pd.DataFrame:
        """Some columns of an entity and its extract date, in the order of the extracts."""
        paths = sorted(str(path) for path in (self.folder / entity).glob("*/*.parquet"))
        table = ds.dataset(paths, partitioning=ds.partitioning(pa.schema([("extract_date", pa.date32())]), flavor="hive")).to_table(
            columns=[*columns, "extract_date"]
        )
        frame = table.to_pandas()
        return frame.assign(extract_date=pd.to_datetime(frame["extract_date"]))

    @property
    def as_of(self) -> pd.Timestamp:
        return max(pd.Timestamp(path.name.partition("=")[2]) for path in (self.folder / "crm/activity").iterdir())


def main() -> None:
    """Compute every answer and write it to `to` as Parquet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    options.to.mkdir(parents=True)
    raw = Raw(options.raw)
    company = Company(raw)
    for name, answer in ANSWERS.items():
        save(answer(company), options.to / f"{name}.parquet")


class Company:
    """What several answers share."""

    def __init__(self, raw: Raw) -> None:
        self.raw, self.as_of = raw, raw.as_of
        self.rates = _rates(raw, self.as_of)
        self.spans, self.reps = _reps(raw)
        self.territories = raw.read("crm/territory", "territory_id", "territory_name").set_index("territory_id")["territory_name"]
        self.accounts = raw.read("crm/account", "account_id", "account_name", "industry", "acquisition_method", "owner_crm_user_id")
        self.lines = _lines(raw, self.rates, self.as_of)
        self.costs = _costs(raw, self.rates, self.reps, self.as_of)
        self.customers = _customers(self)
        self.ages = _ages(self)
        self.readings = _readings(self)


def activity_daily(company: Company) -> pd.DataFrame:
    frame = company.raw.read("crm/activity", "activity_id", "crm_user_id", "activity_type", "occurred_at", "duration_minutes")
    frame = frame[~frame["activity_id"].duplicated(keep="last")]
    frame = frame.assign(activity_on=pd.to_datetime(frame["occurred_at"].str[:10]), duration_minutes=frame["duration_minutes"].astype("int64"))
    grouped = frame.groupby(["crm_user_id", "activity_on", "activity_type"], sort=False)["duration_minutes"]
    return grouped.agg(activity_count="count", duration_minutes="sum").reset_index()


def rep_value(company: Company) -> pd.DataFrame:
    found = company.readings[company.readings["holder_type"] == "rep"].rename(columns={"holder_id": "crm_user_id"}).drop(columns="holder_type")
    return found.merge(company.reps[["crm_user_id", "employee_number", "rep_name"]], on="crm_user_id")


def group_value(company: Company) -> pd.DataFrame:
    found = company.readings[company.readings["holder_type"] != "rep"]
    teams = company.spans.drop_duplicates("team_id", keep="last")
    names = {("team", one): name for one, name in zip(teams["team_id"], teams["team_name"], strict=True)}
    names |= {("manager", one): name for one, name in zip(company.reps["crm_user_id"], company.reps["rep_name"], strict=True)}
    names["manager", "unknown"] = "unknown"
    names |= {("territory", one): name for one, name in company.territories.items()}
    names["company", "company"] = "Benchmark Company"
    found = found.assign(group_name=[names[one] for one in zip(found["holder_type"], found["holder_id"], strict=True)])
    return found.rename(columns={"holder_type": "group_type", "holder_id": "group_id"})


def segment_value(company: Company) -> pd.DataFrame:
    key = ["segment_type", "segment", "fiscal_year"]
    sold, costs, won = _sold_segments(company), _segment_costs(company), _won_segments(company)
    years = pd.concat([sold[key], won[key], costs[key]]).drop_duplicates()
    readings = pd.DataFrame([one for one in READINGS if one[0] != "book"], columns=["reading", "age_months"]).fillna(NO_AGE).astype({"age_months": "int64"})
    sums = pd.concat([sold.groupby(key, as_index=False)[[*MEASURES.values()]].sum().assign(reading="year", age_months=NO_AGE), won.assign(reading="cohort")])
    wins = won[won["age_months"] == NO_AGE][[*key, "customers_acquired", "last_acquired_on"]]
    yearly = years.merge(readings, how="cross").merge(sums[[*key, "reading", "age_months", *MEASURES.values()]], how="left", on=[*key, "reading", "age_months"])
    yearly = yearly.merge(costs, how="left", on=key).merge(wins, how="left", on=key)
    amounts = [*MEASURES.values(), "cost_amount", "customers_acquired"]
    yearly[amounts] = yearly[amounts].fillna(0).astype("int64")
    career = yearly[(yearly["reading"] == "cohort") & (yearly["age_months"] == NO_AGE)].groupby(key[:2], as_index=False)[amounts].sum()
    found = pd.concat([yearly, career.assign(reading="career", fiscal_year=NO_AGE, age_months=NO_AGE)]).reset_index(drop=True)
    found["is_mature"] = _is_mature(found, company.as_of)
    found = pd.concat([found.assign(value_measure=measure, value_amount=found[column]) for measure, column in MEASURES.items()], ignore_index=True)
    found["value_ratio"] = _ratio(found["value_amount"], found["cost_amount"])
    found["realised_ltv_amount"] = found["value_amount"].where(found["reading"] != "year")
    found["revenue_amount"] = found["revenue_amount"].where(found["reading"] == "year")
    return found.assign(lens="as_sold", basis="nominal").drop(columns=["gross_margin_amount", "last_acquired_on"])


def customer_lifetime_value(company: Company) -> pd.DataFrame:
    to_date = company.ages[company.ages["age_months"] == NO_AGE].set_index("account_id")
    found = company.customers.rename(columns={"crm_user_id": "acquiring_crm_user_id"}).assign(acquisition_basis="inferred")
    found["realised_ltv_amount"] = found["account_id"].map(to_date["revenue_amount"])
    found["realised_margin_amount"] = found["account_id"].map(to_date["gross_margin_amount"])
    return found.drop(columns=["fiscal_year", "territory_id"])


def goal_attainment(company: Company) -> pd.DataFrame:
    goals = company.raw.read("plans/goal", "goal_id", "goal_version", "owner_type", "owner_id", "metric", "period_start_on", "period_end_on", "target_amount")
    goals = goals.assign(set_on=company.raw.read("plans/goal", "set_on")["set_on"]).drop(columns="extract_date")
    for name in ("period_start_on", "period_end_on", "set_on"):
        goals[name] = pd.to_datetime(goals[name])
    days = company.lines.groupby(["crm_user_id", "ordered_on"], as_index=False)["revenue_amount"].sum()
    sold = days.merge(goals[["goal_id", "owner_id", "period_start_on", "period_end_on"]], left_on="crm_user_id", right_on="owner_id")
    sold = sold[(sold["ordered_on"] >= sold["period_start_on"]) & (sold["ordered_on"] < sold["period_end_on"])]
    goals["actual_amount"] = goals["goal_id"].map(sold.groupby("goal_id")["revenue_amount"].sum()).fillna(0).astype("int64")
    goals["target_amount"] = _units(goals["target_amount"])
    goals["attainment_pct"] = _rounded(100 * (goals["actual_amount"] / ONE) / (goals["target_amount"] / ONE))
    goals["owner_name"] = goals["owner_id"].map(company.reps.set_index("crm_user_id")["rep_name"])
    return goals.rename(columns={"owner_id": "crm_user_id"}).assign(lens="as_sold", goal_version=goals["goal_version"].astype("int64"))


def company_revenue(company: Company) -> pd.DataFrame:
    grouped = company.lines.groupby(["fiscal_year", "channel"])
    return grouped.agg(revenue_amount=("revenue_amount", "sum"), order_count=("order_id", "nunique")).reset_index().assign(basis="nominal")


ANSWERS = {
    "fct_activity_daily": activity_daily,
    "rep_value": rep_value,
    "group_value": group_value,
    "segment_value": segment_value,
    "customer_lifetime_value": customer_lifetime_value,
    "goal_attainment": goal_attainment,
    "company_revenue": company_revenue,
}


def _rates(raw: Raw, as_of: pd.Timestamp) -> pd.DataFrame:
    quoted = raw.read("reference/fx_rate", "from_currency", "rate_on", "rate").sort_values("rate_on")
    quoted = quoted.assign(day_on=pd.to_datetime(quoted["rate_on"]), rate=_units(quoted["rate"]), currency=quoted["from_currency"])
    days = pd.DataFrame({"day_on": pd.date_range(quoted["day_on"].min(), as_of)})
    return pd.merge_asof(days, quoted[["day_on", "currency", "rate"]], on="day_on")


def _reps(raw: Raw) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Versions of each rep with the day since when they hold, and each rep as last known."""
    spans = raw.read("crm/crm_user", "crm_user_id", "employee_number", "user_name", "team_id", "team_name", "manager_crm_user_id")
    spans["manager_crm_user_id"] = spans["manager_crm_user_id"].replace("", None).fillna("unknown")
    is_first = ~spans["crm_user_id"].duplicated()
    spans["day_on"] = spans["extract_date"].where(~is_first, pd.Timestamp("1900-01-01"))
    seats = raw.read("crm/territory_assignment", "crm_user_id", "territory_id").drop(columns="extract_date")
    spans = spans.merge(seats, on="crm_user_id").sort_values("day_on").assign(company="company")
    return spans, spans.drop_duplicates("crm_user_id", keep="last").rename(columns={"user_name": "rep_name"})


def _lines(raw: Raw, rates: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    names = ("order_line_id", "order_id", "account_id", "crm_user_id", "territory_id", "ordered_on", "quantity", "booked_amount", "unit_cost_amount")
    lines = raw.read("crm/order_line", *names, "currency", "channel")
    lines = lines[~lines["order_line_id"].duplicated(keep="last")]
    lines["ordered_on"] = pd.to_datetime(lines["ordered_on"])
    lines = lines[lines["ordered_on"] < as_of].reset_index(drop=True)
    rate = _rate_of(lines["currency"], lines["ordered_on"], rates, as_of)
    lines["revenue_amount"] = _product(_units(lines["booked_amount"]), rate)
    cost = _units(lines["unit_cost_amount"]) * lines["quantity"].astype("int64")
    lines["gross_margin_amount"] = lines["revenue_amount"] - _product(cost, rate)
    lines["fiscal_year"] = lines["ordered_on"].dt.year.astype("int64")
    return lines.drop(columns=["quantity", "booked_amount", "unit_cost_amount", "currency", "extract_date"])


def _costs(raw: Raw, rates: pd.DataFrame, reps: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    pay = raw.read("payroll/pay_item", "employee_number", "period_start_on", "component", "pay_amount", "currency")
    pay = pay.rename(columns={"period_start_on": "spent_on", "pay_amount": "amount"})
    claims = raw.read("expenses/expense_line", "claimant_employee_number", "spent_on", "expense_amount", "currency")
    claims = claims.rename(columns={"claimant_employee_number": "employee_number", "expense_amount": "amount"}).assign(component="expenses")
    lines = pd.concat([pay, claims], ignore_index=True)
    lines["spent_on"] = pd.to_datetime(lines["spent_on"])
    lines["cost_amount"] = _product(_units(lines["amount"]), _rate_of(lines["currency"], lines["spent_on"], rates, as_of))
    lines["month_on"] = lines["spent_on"].dt.to_period("M").dt.to_timestamp()
    lines = lines[lines["month_on"] < as_of].merge(reps[["employee_number", "crm_user_id"]], on="employee_number")
    lines["fiscal_year"] = lines["month_on"].dt.year.astype("int64")
    return lines.groupby(["crm_user_id", "month_on", "fiscal_year", "component"], as_index=False)["cost_amount"].sum()


def _customers(company: Company) -> pd.DataFrame:
    """Who won each account: the rep of the first line."""
    first = company.lines.sort_values(["ordered_on", "order_line_id"]).drop_duplicates("account_id")
    first = first[["account_id", "ordered_on", "fiscal_year", "crm_user_id", "territory_id"]].rename(columns={"ordered_on": "acquired_on"})
    last = company.accounts.drop_duplicates("account_id", keep="last")[["account_id", "account_name", "industry", "acquisition_method"]]
    return first.merge(last, on="account_id").assign(region=lambda frame: frame["territory_id"].map(company.territories))


def _ages(company: Company) -> pd.DataFrame:
    """What each account had brought at equal ages and to date."""
    customers = company.customers[["account_id", "acquired_on", "fiscal_year", "crm_user_id", *SEGMENTS]]
    lines = company.lines[["account_id", "ordered_on", *MEASURES.values()]].merge(customers[["account_id", "acquired_on"]], on="account_id")
    found = []
    for age in (12, 24, 36, NO_AGE):
        young = lines if age == NO_AGE else lines[lines["ordered_on"] < lines["acquired_on"] + pd.DateOffset(months=age)]
        sums = young.groupby("account_id")[[*MEASURES.values()]].sum()
        found.append(customers.merge(sums, on="account_id").assign(age_months=age))
    return pd.concat(found, ignore_index=True)


def _books(company: Company) -> pd.DataFrame:
    """Twelve times each month-end's book: what the accounts of each owner had brought by then."""
    months = pd.period_range(company.lines["ordered_on"].min(), company.as_of - pd.DateOffset(months=1), freq="M")
    lines = company.lines.assign(month=company.lines["ordered_on"].dt.to_period("M"))
    owners = company.accounts.assign(month=company.accounts["extract_date"].dt.to_period("M"))
    owners = owners.drop_duplicates(["account_id", "month"], keep="last").pivot(index="account_id", columns="month", values="owner_crm_user_id")
    # The first owner that is known reaches back, also one who was delivered after the last month.
    owners = owners.reindex(columns=months.union(owners.columns)).ffill(axis=1).bfill(axis=1)[months]
    sums = {}
    for column in MEASURES.values():
        monthly = lines.groupby(["account_id", "month"])[column].sum().unstack(fill_value=0).reindex(columns=months, fill_value=0)
        sums[column] = monthly.cumsum(axis=1).stack()
    held = pd.DataFrame(sums).rename_axis(["account_id", "month"]).reset_index()
    names = owners.stack().rename("crm_user_id").rename_axis(["account_id", "month"]).reset_index()
    held = held.merge(names, on=["account_id", "month"]).merge(company.customers[["account_id", "acquired_on"]], on="account_id")
    held = held[held["month"] >= held["acquired_on"].dt.to_period("M")]
    book = held.groupby(["crm_user_id", "month"], as_index=False)[[*MEASURES.values()]].sum()
    day_on = book["month"].dt.end_time.dt.normalize()
    return book.assign(day_on=day_on, fiscal_year=day_on.dt.year.astype("int64"), reading="book", age_months=NO_AGE, customers_acquired=0)


def _holder_values(company: Company) -> pd.DataFrame:
    days = company.lines.groupby(["crm_user_id", "ordered_on", "fiscal_year"], as_index=False)[[*MEASURES.values()]].sum()
    sold = days.rename(columns={"ordered_on": "day_on"}).assign(reading="year", age_months=NO_AGE, customers_acquired=0)
    won = company.ages.assign(reading="cohort", day_on=company.ages["acquired_on"], customers_acquired=1)
    pieces = _grouped(pd.concat([sold, won, _books(company)], ignore_index=True), company)
    sums = dict.fromkeys((*MEASURES.values(), "customers_acquired"), "sum") | {"acquired_on": "max"}
    found = []
    for holder, column in HOLDERS.items():
        held = pieces.groupby([column, *_READING], as_index=False).agg(sums).rename(columns={column: "holder_id"})
        career = held[(held["reading"] == "cohort") & (held["age_months"] == NO_AGE)].groupby("holder_id", as_index=False).agg(sums)
        found += [frame.assign(holder_type=holder) for frame in (held, career.assign(reading="career", fiscal_year=NO_AGE, age_months=NO_AGE))]
    return pd.concat(found, ignore_index=True).rename(columns={"acquired_on": "last_acquired_on"})


def _holder_costs(company: Company) -> pd.DataFrame:
    months = company.costs.groupby(["crm_user_id", "month_on", "fiscal_year"], as_index=False)["cost_amount"].sum()
    months = _grouped(months.assign(day_on=months["month_on"] + pd.offsets.MonthEnd(0)), company)
    found = []
    for holder, column in HOLDERS.items():
        yearly = months.groupby([column, "fiscal_year"], as_index=False)["cost_amount"].sum().rename(columns={column: "holder_id"})
        career = yearly.groupby("holder_id", as_index=False)["cost_amount"].sum().assign(fiscal_year=NO_AGE)
        found += [yearly.assign(holder_type=holder), career.assign(holder_type=holder)]
    return pd.concat(found, ignore_index=True)


def _grouped(frame: pd.DataFrame, company: Company) -> pd.DataFrame:
    """With the team, manager and territory that the rep had on the day."""
    columns = ["crm_user_id", "day_on", "team_id", "manager_crm_user_id", "territory_id", "company"]
    frame = frame.drop(columns="territory_id", errors="ignore").assign(day_on=frame["day_on"].astype("datetime64[us]"))
    spans = company.spans[columns].assign(day_on=company.spans["day_on"].astype("datetime64[us]"))
    return pd.merge_asof(frame.sort_values("day_on"), spans, on="day_on", by="crm_user_id")


def _readings(company: Company) -> pd.DataFrame:
    """The four readings of the ratio for every holder, in both measures."""
    values, costs = _holder_values(company), _holder_costs(company)
    years = pd.concat([values[[*_HOLDER, "fiscal_year"]], costs[[*_HOLDER, "fiscal_year"]]]).drop_duplicates()
    kinds = pd.DataFrame(READINGS, columns=["reading", "age_months"]).fillna(NO_AGE).astype({"age_months": "int64"})
    careers = years[_HOLDER].drop_duplicates().assign(fiscal_year=NO_AGE, reading="career", age_months=NO_AGE)
    frame = pd.concat([years[years["fiscal_year"] != NO_AGE].merge(kinds, how="cross"), careers], ignore_index=True)
    frame = frame.merge(values, how="left", on=[*_HOLDER, *_READING]).merge(costs, how="left", on=[*_HOLDER, "fiscal_year"])
    amounts = [*MEASURES.values(), "customers_acquired", "cost_amount"]
    frame[amounts] = frame[amounts].fillna(0).astype("int64")
    frame["is_mature"] = _is_mature(frame, company.as_of)
    frame["cost_components_missing"] = frame["fiscal_year"].map(_missing(company))
    found = pd.concat([frame.assign(value_measure=measure, value_amount=frame[column]) for measure, column in MEASURES.items()], ignore_index=True)
    is_book, is_lifetime = found["reading"] == "book", found["reading"].isin(["cohort", "career"])
    twelfth = np.sign(found["value_amount"]) * ((2 * found["value_amount"].abs() + 12) // 24)
    found["value_amount"] = found["value_amount"].where(~is_book, twelfth)
    found["net_value_amount"] = found["value_amount"] - found["cost_amount"]
    found["value_ratio"] = _ratio(found["value_amount"], found["cost_amount"])
    found["realised_ltv_amount"] = found["value_amount"].where(is_lifetime)
    found["customers_acquired"] = found["customers_acquired"].where(is_lifetime)
    found["left_censored_customers"] = pd.Series(0, index=found.index).where(is_lifetime)
    found["revenue_amount"] = found["revenue_amount"].where(found["reading"] == "year")
    return found.drop(columns=["gross_margin_amount", "last_acquired_on"]).assign(lens="as_sold", basis="nominal", cost_basis="actual")


def _missing(company: Company) -> dict[int, str | None]:
    """What nobody delivered of a rep's full cost, by year, and over all of them."""
    years = {int(year): set(COMPONENTS) - set(costs["component"]) for year, costs in company.costs.groupby("fiscal_year")}
    years[NO_AGE] = set().union(*years.values())
    return {year: ", ".join(one for one in COMPONENTS if one in absent) or None for year, absent in years.items()}


def _sold_segments(company: Company) -> pd.DataFrame:
    lines = company.lines.merge(company.customers[["account_id", "industry", "acquisition_method"]], on="account_id")
    lines["region"] = lines["territory_id"].map(company.territories)
    return _by_segment(lines, ["crm_user_id", "fiscal_year"], dict.fromkeys(MEASURES.values(), "sum"))


def _won_segments(company: Company) -> pd.DataFrame:
    ages = company.ages.assign(customers_acquired=1, last_acquired_on=company.ages["acquired_on"])
    sums = dict.fromkeys((*MEASURES.values(), "customers_acquired"), "sum") | {"last_acquired_on": "max"}
    return _by_segment(ages, ["fiscal_year", "age_months"], sums)


def _by_segment(frame: pd.DataFrame, by: list[str], sums: dict[str, str]) -> pd.DataFrame:
    parts = [frame.groupby([segment, *by], as_index=False).agg(sums).rename(columns={segment: "segment"}).assign(segment_type=segment) for segment in SEGMENTS]
    return pd.concat(parts, ignore_index=True)


def _segment_costs(company: Company) -> pd.DataFrame:
    """A rep-year's cost where the revenue of that year came from, to the last ten-thousandth (largest remainder)."""
    whole = ["segment_type", "crm_user_id", "fiscal_year"]
    sold = _sold_segments(company)
    sold = sold[sold["revenue_amount"] > 0][[*whole, "segment", "revenue_amount"]]
    costs = company.costs.groupby(["crm_user_id", "fiscal_year"], as_index=False)["cost_amount"].sum()
    shares = costs.merge(pd.DataFrame({"segment_type": SEGMENTS}), how="cross").merge(sold, how="left", on=whole)
    shares["segment"] = shares["segment"].fillna("unknown")
    weight = shares["revenue_amount"].fillna(ONE).astype("int64")
    weights = weight.groupby([shares[name] for name in whole]).transform("sum")
    # Beyond 64 bits: whole numbers of Python's own.
    product = shares["cost_amount"].astype(object) * weight.astype(object)
    shares["share"] = (product // weights.astype(object)).astype("int64")
    shares["rest"] = (product % weights.astype(object)).astype("int64")
    shares = shares.sort_values(["rest", "segment"], ascending=[False, True])
    place = shares.groupby(whole).cumcount()
    left_over = shares["cost_amount"] - shares.groupby(whole)["share"].transform("sum")
    shares["cost_amount"] = shares["share"] + (place < left_over)
    return shares.groupby(["segment_type", "segment", "fiscal_year"], as_index=False)["cost_amount"].sum()


def _is_mature(frame: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Whether every account of a cohort has its age; null where there is no age."""
    year_end = pd.to_datetime((frame["fiscal_year"].clip(lower=1970) + 1).astype(str) + "-01-01")
    last = frame["last_acquired_on"].fillna(year_end)
    found = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    for age in (12, 24, 36):
        is_age = frame["age_months"] == age
        found[is_age] = last[is_age] + pd.DateOffset(months=age) <= as_of
    return found


def _rate_of(currency: pd.Series, day: pd.Series, rates: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """The rate of each line's day in ten-thousandths; the reporting currency needs none."""
    by_day = rates.set_index("day_on")["rate"]
    return day.clip(upper=as_of).map(by_day).where(currency != "USD", ONE).astype("int64")


def _units(text: pd.Series) -> pd.Series:
    return (text.astype("float64") * ONE).round().astype("int64")


def _product(amount: pd.Series, rate: pd.Series) -> pd.Series:
    product = amount * rate
    return np.sign(product) * ((product.abs() + ONE // 2) // ONE)


def _ratio(value: pd.Series, cost: pd.Series) -> pd.Series:
    return _rounded((value / ONE) / (cost / ONE).where(cost != 0))


def _rounded(number: pd.Series) -> pd.Series:
    """To six digits, half away from zero."""
    return np.sign(number) * np.floor(number.abs() * 1e6 + 0.5) / 1e6


def save(frame: pd.DataFrame, path: Path) -> None:
    """As a publication has it: amounts are decimals, days are dates, what has no year or age has none."""
    arrays = {}
    for name, column in frame.items():
        if name in ("fiscal_year", "age_months"):
            arrays[name] = pa.array(column.where(column != NO_AGE).astype("Int32"))
        elif str(name).endswith("_amount"):
            units = pa.array(column.astype("Int64")).cast(pa.decimal128(20, 0))
            arrays[name] = pc.multiply(units, pa.scalar(Decimal("0.0001"))).cast(pa.decimal128(18, 4))
        elif str(name).endswith("_on"):
            arrays[name] = pa.array(column.dt.date)
        else:
            arrays[name] = pa.array(column.astype("Int64") if column.dtype == "float64" and name.endswith(("acquired", "customers")) else column)
    pq.write_table(pa.table(arrays), path)


if __name__ == "__main__":
    main()
