"""Find JSON texts of a seed that a JSON column would change.

Of an object with the same key twice, seekdb 1.3 and 1.4 store only the last value. A number that is no integer of 64
bits becomes a DOUBLE. Neither is an error. Another order of the keys and other blanks are no loss.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from .datetimes import ValueLost


def check_json(text: str, declared: str) -> None:
    """Raise ValueError with reason and remedy if ``text`` is no JSON, or if a JSON column would change its value.

    ``declared`` is the type of the column, as the error names it.
    """
    try:
        json.loads(
            text, object_pairs_hook=_object, parse_int=_check_number, parse_float=_check_number, parse_constant=_refuse
        )
    except ValueLost as lost:
        raise ValueError(f"{lost}, which {declared} does not keep: correct the value or column_types") from None
    except (ValueError, ArithmeticError, RecursionError):
        raise ValueError(f"is no {declared}: correct the value or column_types") from None


def _object(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueLost("has the same key twice")


def _check_number(text: str) -> None:
    exact = Decimal(text)
    is_integer = "." not in text and "e" not in text.lower() and -(2**63) <= exact < 2**64
    if not is_integer and Decimal(repr(float(text))) != exact:
        raise ValueLost("has a number of more digits")


def _refuse(constant: str) -> None:
    raise ValueError(constant)
