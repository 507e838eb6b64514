"""Absences that don't fit with each other, or with an employment: each has a rule in core_absence, and is noted.

Belongs here: checks of several absences, or of absences and employees. Doesn't: one delivered row (`raw.payroll`). No check shows why
somebody is away, or when: file and line say where to look.
"""

from expectations.vocabulary import NOTE, Check, no_rows

# What is believed now, with a day at least.
_HELD = """
    (
        select *, coalesce(ends_on, date '9999-12-31') as to_on
        from {batch}
        where known_to_on = date '9999-12-31' and valid_to_on = date '9999-12-31' and starts_on < coalesce(ends_on, date '9999-12-31')
    )
"""
_STAFF = """
    (
        select employee_number, coalesce(hired_on, date '0001-01-01') as hired_on, coalesce(left_on, date '9999-12-31') as left_on
        from core.core_employee_history
        where is_last_known
    )
"""
_ROW = ("_file", "_line")

ABSENCES: tuple[Check, ...] = (
    no_rows(
        "days_told_once",
        f"""
        select distinct absences._file, absences._line
        from {_HELD} as absences
        inner join {_HELD} as others on
            absences.employee_number = others.employee_number
            and (absences.absence_type <> others.absence_type or absences.starts_on <> others.starts_on)
            and absences.starts_on < others.to_on
            and others.starts_on < absences.to_on
        """,
        keys=_ROW,
        severity=NOTE,
        why="two absences of one person share a day; it counts once, as the larger share of the day, and of equal ones as the paid one",
    ),
    no_rows(
        "employee_delivered",
        f"""
        select absences._file, absences._line
        from {_HELD} as absences
        left join {_STAFF} as staff on absences.employee_number = staff.employee_number
        where staff.employee_number is null
        """,
        keys=_ROW,
        severity=NOTE,
        why="payroll knows nobody of this number; the absence takes nothing out of any cost until the employee is delivered",
    ),
    no_rows(
        "within_an_employment",
        f"""
        select absences._file, absences._line
        from {_HELD} as absences
        inner join {_STAFF} as staff on absences.employee_number = staff.employee_number
        where absences.starts_on < staff.hired_on or (absences.ends_on is not null and absences.ends_on > staff.left_on)
        """,
        keys=_ROW,
        severity=NOTE,
        why="days before the hire or after the leave are no absence; only those within the employment count",
    ),
    no_rows(
        "ends_within_years",
        f"select _file, _line from {_HELD} as absences where ends_on is null and starts_on < $as_of - 1096",
        keys=_ROW,
        severity=NOTE,
        why="an absence without an end lasts until the employment ends; one that began three years ago was rather forgotten than goes on",
    ),
)
