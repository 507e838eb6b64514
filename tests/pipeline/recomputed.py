"""Figures made anew from the delivered files and what `explain --json` prints, by a reader's own arithmetic.

Belongs here: the documented rules (README: cost, leave, standard cost; amounts to 4 decimals, shares by the largest remainder) once more, in
whole ten-thousandths, with no look into the warehouse. What the models worked out (`share_of`, `of_line_amount`, `amount`) is not read here.
Doesn't: choosing cells, asserting.
"""

import csv
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

Row = dict[str, Any]
_UNITS = 10_000
_MONEY = {
    "order_line": "booked_amount",
    "pay_item": "pay_amount",
    "expense_line": "expense_amount",
    "cost_pool": "pool_amount",
    "coaching": "coaching_cost_amount",
}
_BY_DAYS = ("base", "taxes", "benefits", "other")
_PARTS = {"tools": "shared", "overhead": "shared", "management": "management"}


@cache
def _file(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def rounded(number: Fraction) -> int:
    """To a whole number, half away from zero."""
    sign = -1 if number < 0 else 1
    return sign * int(abs(number) + Fraction(1, 2))


def largest_remainder(units: int, weights: Sequence[tuple[Any, Fraction]]) -> dict[Any, int]:
    """Whole units, each its part cut towards zero; what is left goes a unit each to the largest remainders, ties in the order given."""
    total, sign = sum(weight for _, weight in weights), (units > 0) - (units < 0)
    exact = {name: abs(units) * weight / total for name, weight in weights}
    shares = {name: int(share) for name, share in exact.items()}
    left = abs(units) - sum(shares.values())
    places = sorted(range(len(weights)), key=lambda place: (shares[weights[place][0]] - exact[weights[place][0]], place))
    for place in places[:left]:
        shares[weights[place][0]] += 1
    return {name: sign * share for name, share in shares.items()}


def _days_of(month: dt.date) -> list[dt.date]:
    days = (month + dt.timedelta(days=place) for place in range(31))
    return [day for day in days if day.month == month.month]


def _is_in(day: str, month: dt.date) -> bool:
    return day[:7] == str(month)[:7]


class Reader:
    """Somebody with the landing and one print-out."""

    def __init__(self, landing: Path, found: Row, fiscal_year_start_month: int = 1) -> None:
        self.landing, self.found, self.start_month = landing, found, fiscal_year_start_month
        steps = defaultdict(list)
        for step in found["steps"]:
            steps[step["step"]].append(step)
        self.steps = steps
        self.rates = {(step["part"], step["fx_rate_id"]): step for step in steps["rate"]}
        self.indices = {step["month_on"]: step for step in steps["index"]}
        self.people = self._people()
        self.is_local = False

    # What the files say.

    def cell(self, place: Mapping[str, Any], column: str) -> str:
        """The second line of a file is its first row."""
        return _file(self.landing / place["file"])[int(place["line"]) - 2][column]

    def number(self, place: Mapping[str, Any], column: str, default: int = 0) -> Fraction:
        return Fraction(self.cell(place, column) or default)

    def _day(self, place: Mapping[str, Any], column: str, default: dt.date) -> dt.date:
        text = self.cell(place, column)
        return dt.date.fromisoformat(text) if text else default

    def _people(self) -> dict[str, dict[str, list[Row]]]:
        """The lines of each employee number, by entity."""
        found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for line in self.steps["weight_line"]:
            if "employee_number" in line and line["entity"] in ("employee", "job", "absence"):
                found[line["employee_number"]][line["entity"]].append(line)
        return found

    # Amounts of lines, in ten-thousandths.

    def amount(self, line: Row, *, is_margin: bool = False) -> int:
        """A delivered line in the money of the cell; of pay for several months, what of it is for the month."""
        units = self._whole_amount(line, is_margin=is_margin)
        return self._of_month(line, units) if line["entity"] == "pay_item" else units

    def _of_month(self, line: Row, units: int) -> int:
        """The days of the period that lie in the month, of all of them: to the cent, and in the last month what is left."""
        start = self._day(line, "period_start_on", dt.date.min)
        days = [start + dt.timedelta(days=place) for place in range((self._day(line, "period_end_on", start) - start).days)]
        months = sorted({day.replace(day=1) for day in days}) or [start.replace(day=1)]
        shares = {month: rounded(Fraction(units, 100) * sum(_is_in(str(day), month) for day in days) / len(days)) * 100 for month in months[:-1]}
        return shares.get(dt.date.fromisoformat(line["month_on"]), units - sum(shares.values()))

    def _whole_amount(self, line: Row, *, is_margin: bool) -> int:
        if self.is_local:
            return rounded(self.number(line, _MONEY[line["entity"]]) * _UNITS)
        step = self.rates[line["part"], line["fx_rate_id"]]
        rate = self.number(step, "rate") if step.get("file") else Fraction(1)
        booked = self.number(line, _MONEY[line["entity"]])
        kept = self.number(line, "partner_amount") if line.get("partner_amount") else 0
        units = rounded((booked - kept) * rate * _UNITS)
        if is_margin:
            quantity = abs(self.number(line, "quantity")) * (-1 if booked < 0 else 1)
            cost = Fraction(rounded(self.number(line, "unit_cost_amount") * quantity * _UNITS), _UNITS)
            units -= rounded(cost * rate * _UNITS)
        if "index_month_on" in line:
            index = self.indices[line["index_month_on"]]
            deflator = Fraction(rounded(Fraction(index["base_index_value"]) / self.number(index, "index_value") * 10**12), 10**12)
            units = rounded(units * deflator)
        return units

    def value(self, holder: str, reading: str, *, is_margin: bool = False) -> int:
        """Order lines, each shared by the splits of its opportunity; in a book the twelfth of what stood at twelve ends of months."""
        total = 0
        for line in (one for one in self.found["lines"] if one["part"] == "value"):
            units = self.amount(line, is_margin=is_margin)
            if "splits" in line:
                for split in line["splits"]:
                    assert Fraction(split["split_pct"]) >= self.number(split, "split_pct") > 0
                units = largest_remainder(units, [(split["crm_user_id"], Fraction(split["split_pct"])) for split in line["splits"]])[holder]
            total += units * int(line.get("times", 1))
        return rounded(Fraction(total, 12)) if reading == "book" else total

    # Cost.

    def cost(self, holder: str, *, is_standard: bool = False) -> int:
        """Of a rep, with what is carried and what is carried for the rep; at standard cost the rep's part of the cell."""
        people: dict[tuple[int, str, str], int] = defaultdict(int)
        apart = 0
        for whose, month, component, units in self._carried():
            if is_standard and component in ("severance", "sign_on", "recruiting", "paid_leave"):
                apart += units if whose == holder else 0
            else:
                people[self.year(month), whose, _PARTS.get(component, "direct")] += units
        if not is_standard:
            return sum(units for (_, whose, _), units in people.items() if whose == holder)
        cells = {int(step["fiscal_year"]): step for step in self.steps["standard"]}
        total = apart
        for year in {year for year, _, _ in people}:
            if year not in cells:
                total += sum(units for (one, whose, _), units in people.items() if (one, whose) == (year, holder))
                continue
            days = [(one["crm_user_id"], Fraction(one["full_time_pct_days"])) for one in cells[year]["people"]]
            for part in ("direct", "shared", "management"):
                whole = sum(people[year, one, part] for one, _ in days)
                total += largest_remainder(whole, days)[holder]
        return total

    def month_cost(self, *, is_local: bool = False) -> int:
        """Of one component of a person's month, also in the money in which it was paid."""
        self.is_local = is_local
        return sum(units for _, _, _, units in self._carried())

    def year(self, month: dt.date) -> int:
        return month.year + (self.start_month > 1 and month.month >= self.start_month)

    def _carried(self) -> Iterable[tuple[str, dt.date, str, int]]:
        """Whose, month, component and amount of what the cell is made of: lines as they are, and shares."""
        moved: dict[tuple[Any, ...], int] = defaultdict(int)
        for line in (one for one in self.found["lines"] if one["part"] == "cost"):
            units, month = self._at_work_or_leave(line), dt.date.fromisoformat(line["month_on"])
            whose, component = line["crm_user_id"], line["component"]
            if "carrier_crm_user_id" not in line:
                yield whose, month, component, units
            elif "from_crm_user_id" not in line:
                yield whose, month, component, self._of_pool(line, units)
            else:
                source = (line["from_crm_user_id"], line["from_employee_number"], line["currency"], line["is_estimated"])
                moved[whose, component, line["carrier_crm_user_id"], line["carrier_employee_number"], month, *source] += units
        for (whose, component, carrier, number, month, manager, own_number, _, _), units in moved.items():
            share = self._of_person(component, (manager, own_number), month, units).get((carrier, number), 0)
            yield whose, month, component, -share if whose == manager else share

    def _at_work_or_leave(self, line: Row) -> int:
        """The part of a line of pay for days that is for days of work, or the part for days of leave."""
        units, component = self.amount(line), line["component"]
        leave = {(step["employee_number"], step["month_on"]): step for step in self.steps["leave"]}
        if line["entity"] != "pay_item" or self.cell(line, "component").lower() not in _BY_DAYS or not units:
            return units
        step = leave.get((self.cell(line, "employee_number"), line["month_on"]))
        if step is None:
            return units
        apart = rounded(units * Fraction(step["leave_weight"]) / Fraction(step["paid_weight"]))
        return apart if component == "paid_leave" else units - apart

    def _weights(self, key: str, month: str, manager: str | None = None) -> list[tuple[tuple[str, str], Fraction]]:
        step = next((one for one in self.steps["weights"] if (one["carried_key"], one["month_on"], one.get("from_crm_user_id")) == (key, month, manager)), None)
        return [((one["crm_user_id"], one["employee_number"]), Fraction(one["weight"])) for one in step["weights"]] if step else []

    def _of_pool(self, line: Row, units: int) -> int:
        pct = self.number(line | {"file": line["rule_file"], "line": line["rule_line"]}, "pool_pct", default=100)
        reps = largest_remainder(units, [("reps", pct), ("rest", 100 - pct)])["reps"]
        return largest_remainder(reps, self._weights(line["carried_key"], line["month_on"]))[line["carrier_crm_user_id"], line["carrier_employee_number"]]

    def _of_person(self, component: str, source: tuple[str, str], month: dt.date, units: int) -> dict[tuple[str, str], int]:
        """Of a coach's or manager's month what each person carries: hours go first, and days share the rule's part of the rest."""
        manager, number = source
        hours = self._weights("hours", str(month), manager)
        taken = {}
        if hours:
            step = next(one for one in self.steps["hours"] if (one["from_crm_user_id"], one["month_on"]) == (manager, str(month)))
            worked = self.hours_worked(step)
            own = worked - sum(weight for _, weight in hours)
            taken = largest_remainder(units, [*hours, ((None, None), own)] if own > 0 else hours)
            taken.pop((None, None), None)
        if component == "coaching":
            return taken
        shares = (one for one in self.steps["share"] if (one["component"], one["month_on"]) == ("management", str(month)))
        share = next(one for one in shares if (one["from_crm_user_id"], one["from_employee_number"]) == (manager, number))
        pct = self._managed_pct(share, month)
        managed = largest_remainder(units - sum(taken.values()), [("managed", pct), ("own", 100 - pct)])["managed"]
        return largest_remainder(managed, self._weights("days", str(month), manager))

    def _managed_pct(self, share: Row, month: dt.date) -> Fraction:
        """What the rule shares of a manager's month; since version 4 of rep_cost for those of the manager's days on which anybody reported."""
        rule = self.number({"file": share["rule_file"], "line": share["rule_line"]}, "pool_pct", default=100)
        told = re.search(r"rep_cost (\d+)", self.found.get("metric_versions") or "")
        is_by_days = int(told[1]) > 3 if told else Fraction(share["carried_pct"]) != rule
        if not is_by_days:
            return rule
        manager, number = share["from_crm_user_id"], share["from_employee_number"]
        reports = [person for person, _ in self._weights("days", str(month), manager)]
        employed = self._employed(number, month) or _days_of(month)
        managed = [day for day in employed if any(self._reports(*person, manager, day) for person in reports)]
        pct = rule * len(managed) / len(employed)
        assert abs(pct - Fraction(share["carried_pct"])) < Fraction(1, 10**9), share
        return pct

    def _reports(self, person: str, number: str, manager: str, day: dt.date) -> bool:
        """Whether somebody reported to a manager on a day, and was not away for all of it."""
        return day in self._employed(number, day.replace(day=1)) and self._manager(person, day) == manager and self._away(number, day)[0] < 100

    # Where weights come from.

    def weights_made_anew(self) -> Iterable[tuple[str, Fraction, Fraction]]:
        """Each weight that is printed: what it is of, as it is printed, and what the delivered lines make."""
        for step in self.steps["weights"]:
            month, key, manager = dt.date.fromisoformat(step["month_on"]), step["carried_key"], step.get("from_crm_user_id")
            for one in step["weights"]:
                made = self._weight(key, one["crm_user_id"], one["employee_number"], manager, month)
                if made is not None:
                    yield f"{key} of {one['crm_user_id']} in {month} {manager or ''}", Fraction(one["weight"]), made
            yield f"{key} of all in {month} {manager or ''}", Fraction(step["weight_total"]), sum(Fraction(one["weight"]) for one in step["weights"])
        for step in self.steps["leave"]:
            days = self.days(step["employee_number"], dt.date.fromisoformat(step["month_on"]))
            for name in ("leave", "paid"):
                yield f"{name} of {step['employee_number']} in {step['month_on']}", Fraction(step[f"{name}_weight"]), days[name]
        for step in self.steps["standard"]:
            for one in step["people"]:
                yield (
                    f"standard of {one['crm_user_id']}",
                    Fraction(one["full_time_pct_days"]),
                    self._full_time_year(one["crm_user_id"], int(step["fiscal_year"])),
                )

    def _weight(self, key: str, person: str, number: str, manager: str | None, month: dt.date) -> Fraction | None:
        if key == "days":
            return self.days_managed(person, number, manager or "", month)
        if key in ("headcount", "full_time"):
            return self.days(number, month)["present" if key == "headcount" else key]
        lines = [line for line in self.steps["weight_line"] if line.get("crm_user_id") == person]
        if key == "hours":
            sessions = [line for line in lines if line["entity"] == "coaching" and line["coach_crm_user_id"] == manager and _is_in(line["session_on"], month)]
            return sum((self.number(line, "hours") for line in sessions), Fraction(0))
        sold = [line for line in lines if line["entity"] == "order_line" and _is_in(line["ordered_on"], month)]
        return Fraction(sum(self._sold(line) for line in sold), _UNITS) if sold else None  # the lines of whose cell it is

    def _sold(self, line: Row) -> int:
        """What a line was sold for; shared by a split it is one of several parts, which its own cell explains."""
        if "split_pct" in line:
            return rounded(Fraction(line["revenue_amount"]) * _UNITS)
        rate = self.number({"file": line["rate_file"], "line": line["rate_line"]}, "rate") if line.get("rate_file") else Fraction(1)
        return rounded((self.number(line, "booked_amount") - self.number(line, "partner_amount")) * rate * _UNITS)

    def _full_time_year(self, person: str, year: int) -> Fraction:
        numbers = {one["employee_number"] for one in self.steps["days"] if one["crm_user_id"] == person}
        months = [month for month in (dt.date(one, place, 1) for one in (year - 1, year) for place in range(1, 13)) if self.year(month) == year]
        return sum((self.days(number, month)["full_time"] for number in numbers for month in months), Fraction(0))

    def hours_worked(self, step: Row) -> Fraction:
        """Hours of full time, by the days and the job of the coach; hours of sessions beyond that are worked, too."""
        first = dt.date.fromisoformat(step["month_on"])
        days = int(step["days_of_month"])
        numbers = [
            one["employee_number"] for one in self.steps["days"] if (one["crm_user_id"], one["month_on"]) == (step["from_crm_user_id"], step["month_on"])
        ]
        full = sum(self.days(number, first)["full_time"] for number in numbers) if numbers else Fraction(100 * days)
        return max(Fraction(step["hours"]), Fraction(step["full_time_hours"]) * full / (100 * days))

    def days(self, number: str, month: dt.date) -> dict[str, Fraction]:
        """What a month of an employment comes to in percent of days: present, at full time, and the weights of paid leave."""
        found: dict[str, Fraction] = defaultdict(Fraction)
        for day in self._employed(number, month):
            full, away, is_paid = self._full_time(number, day), *self._away(number, day)
            found["present"] += 100 - away
            found["full_time"] += full * (100 - away) / 100
            found["leave"] += away * full if is_paid else 0
            found["paid"] += 100 * full if is_paid else (100 - away) * full
        return found

    def days_managed(self, person: str, number: str, manager: str, month: dt.date) -> Fraction:
        """Days on which somebody reported to a manager, without those of leave."""
        days = [day for day in self._employed(number, month) if self._manager(person, day) == manager]
        return sum((1 - self._away(number, day)[0] / 100 for day in days), Fraction(0))

    def _employed(self, number: str, month: dt.date) -> list[dt.date]:
        hired, left = dt.date.min, dt.date.max
        for line in self.people[number]["employee"]:
            hired, left = self._day(line, "hired_on", dt.date.min), self._day(line, "left_on", dt.date.max)
        return [day for day in _days_of(month) if hired <= day < left]

    def _full_time(self, number: str, day: dt.date) -> Fraction:
        for line in self.people[number]["job"]:
            if line["valid_from_on"] <= str(day) < line["valid_to_on"]:
                return self.number(line, "full_time_pct", default=100)
        return Fraction(100)

    def _away(self, number: str, day: dt.date) -> tuple[Fraction, bool]:
        """A day told twice counts once, as the larger share."""
        told = [(Fraction(0), True)]
        for line in self.people[number]["absence"]:
            if self._day(line, "starts_on", dt.date.min) <= day < self._day(line, "ends_on", dt.date.max):
                told.append((self.number(line, "absence_pct", default=100), self.cell(line, "is_paid").lower() != "false"))
        return max(told)

    def _manager(self, person: str, day: dt.date) -> str | None:
        lines = [
            line for line in self.steps["weight_line"] if line["entity"] == "crm_user" and line["crm_user_id"] == person and line["valid_from_on"] <= str(day)
        ]
        last = max(lines, key=lambda line: line["valid_from_on"], default=None)
        return (last.get("manager_crm_user_id") if self.cell(last, "manager_crm_user_id") else None) if last else None
