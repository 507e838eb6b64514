"""How an explanation is told."""

import json
from decimal import Decimal

from orchestration.explain.told import exact_json


def test_an_amount_keeps_all_its_digits_in_json():
    amount = Decimal("12345678901234.5678")
    text = exact_json({"value": amount, "lines": [{"amount": -amount, "file": 'a "b" 1.5'}], "none": None})
    assert text == '{"value": 12345678901234.5678, "lines": [{"amount": -12345678901234.5678, "file": "a \\"b\\" 1.5"}], "none": null}'
    told = json.loads(text, parse_float=Decimal)
    assert told["value"] + told["lines"][0]["amount"] == 0
    assert exact_json(Decimal("1E+3")) == "1000"
