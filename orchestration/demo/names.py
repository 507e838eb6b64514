"""Made-up names of people, companies and places. Built from syllables: nobody real is meant.

Belongs here: word lists and how they are put together. Doesn't: who or what gets a name.
"""

import numpy as np

_FIRST = ("Alva", "Bram", "Cato", "Dara", "Edvin", "Fenna", "Gita", "Hollis", "Ines", "Jora", "Kelan", "Lio", "Mirel", "Noor", "Orla", "Pim")
_SYLLABLES = ("bar", "cas", "dor", "el", "fin", "gar", "hel", "ist", "jor", "kel", "lun", "mar", "nev", "os", "pel", "quin", "ros", "sel", "tov", "ul")
_ENDINGS = ("dal", "mont", "ric", "stad", "vane", "wick")
_TRADES = ("Foods", "Logistics", "Clinics", "Software", "Metals", "Retail", "Energy", "Studios")

INDUSTRIES = ("construction", "education", "energy", "food", "health", "logistics", "manufacturing", "retail", "software")
METHODS = ("event", "inbound", "outbound", "partner", "referral")
EUROPE = ("DE", "FR", "NL", "ES")
LEAVES = (
    ("Pacific", "Americas", "US"),
    ("Germany", "Europe", "DE"),
    ("Midwest", "Americas", "US"),
    ("Benelux", "Europe", "NL"),
    ("Northeast", "Americas", "US"),
    ("France", "Europe", "FR"),
    ("Southeast", "Americas", "US"),
    ("Iberia", "Europe", "ES"),
    ("Mountain", "Americas", "US"),
    ("Gulf", "Americas", "US"),
    ("Great Lakes", "Americas", "US"),
    ("Prairie", "Americas", "US"),
)


def pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    """One of them, by chance."""
    return choices[int(rng.integers(len(choices)))]


def surname(rng: np.random.Generator) -> str:
    """Three syllables with a capital."""
    return (pick(rng, _SYLLABLES) + pick(rng, _SYLLABLES) + pick(rng, _ENDINGS)).capitalize()


def person_name(rng: np.random.Generator) -> str:
    """First name and surname."""
    return f"{pick(rng, _FIRST)} {surname(rng)}"


def company_name(rng: np.random.Generator) -> str:
    """Now and then with a comma or quotes, which a CSV must survive."""
    stem, trade, odd = surname(rng), pick(rng, _TRADES), float(rng.random())
    if odd < 0.02:
        return f"{stem}, {surname(rng)} & Co"
    return f'"{stem}" {trade}' if odd < 0.03 else f"{stem} {trade}"
