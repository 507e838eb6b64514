"""Money of the demo in whole ten-thousandths, so that the truth has no rounding that isn't a rule.

Belongs here: the three rules of money (rounding, conversion, shares), written once more than the models' macros on purpose: the
truth must not come from what it judges. Doesn't: amounts of anything in particular.
"""

from collections.abc import Sequence
from decimal import Decimal

UNIT = 10_000
CENT = 100
RATE_UNIT = 100_000_000


def half_away(numerator: int, denominator: int) -> int:
    """The quotient, rounded half away from zero. denominator > 0."""
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount in parts by weight that add up to it: largest remainder, the earlier part first where remainders are equal.

    A negative amount is shared like the positive one, so that a refund takes back exactly what its sale gave.
    """
    total = sum(weights)
    parts = [abs(amount) * weight // total for weight in weights]
    remainders = [abs(amount) * weight % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: (-remainders[place], place))
    for place in order[: abs(amount) - sum(parts)]:
        parts[place] += 1
    return parts if amount >= 0 else [-part for part in parts]


def from_float(amount: float, *, step: int = 100) -> int:
    """An amount in units, rounded to whole cents (step 100) or coarser."""
    return round(amount * UNIT / step) * step


def text(amount: int, places: int = 4) -> str:
    """As a file would hold it: no trailing zeros beyond two decimals."""
    whole, rest = divmod(abs(amount), 10**places)
    digits = f"{rest:0{places}d}".rstrip("0").ljust(2, "0")
    return f"{'-' if amount < 0 else ''}{whole}.{digits}"


def decimal(amount: int | None, places: int = 4) -> Decimal | None:
    """As an exact number; nothing stays nothing."""
    return None if amount is None else Decimal(amount).scaleb(-places)
