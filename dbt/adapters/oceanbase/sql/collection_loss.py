"""SQL conditions for values that would change when they are converted to or from arrays, vectors and maps.

The functions have the same parameters and results as the functions of the module ``value_loss``: ``value`` is the SQL
of a value, ``data_type`` its type, and ``new_type`` the type of the column in which it would be stored. The condition
is true if the stored value would differ.
"""

from __future__ import annotations

from . import types
from .value_loss import DIGITS_OF_DOUBLE, DIGITS_OF_FLOAT, value_exists
from .value_texts import collection_text


def _larger_than(bound: str) -> str:
    """Return the regular expression of the integers above ``bound``, which is written in digits."""
    pairs = [(bound[:i], int(digit) + 1, len(bound) - i - 1) for i, digit in enumerate(bound) if digit != "9"]
    longer = f"[0-9]{{{len(bound) + 1}}}"
    return "|".join([longer, *(f"{head}[{digit}-9]" + f"[0-9]{{{rest}}}" * (rest > 0) for head, digit, rest in pairs)])


SIGNED_LOSS = _larger_than(str(2**63 - 1))
"""Regular expression of the integers in the text of an array that its elements cannot have, if they are signed."""
UNSIGNED_LOSS = "-[1-9]|" + _larger_than(str(2**64 - 1))
"""Regular expression of the integers in the text of an array that its elements cannot have, if they are unsigned."""


def is_no_array(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that the text ``value`` would change if it is stored in a column of ``new_type``.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is an ARRAY, VECTOR or MAP. For an ARRAY of integers
    or floating point numbers, the condition is true for a text with a number that the server may round, or with an
    integer of more than 64 bits, of which the server makes another one without an error. For a VECTOR, the result is
    None: its elements always have four bytes, so the rounding is accepted. For an ARRAY of anything else and for a MAP,
    the condition is true for every text that is not NULL, because the adapter does not parse these texts.
    """
    base = types.base_type(_element(new_type))
    if base == "vector":
        return None
    if base in types.INTEGER_TYPES:
        return f"{value} regexp '[.e]|{UNSIGNED_LOSS if 'unsigned' in new_type.lower() else SIGNED_LOSS}'"
    if base in types.FLOAT_TYPES:
        digits = DIGITS_OF_FLOAT if base == "float" else DIGITS_OF_DOUBLE
        return f"{value} regexp '[0-9.]{{{digits + 1}}}|e[+-]?[0-9]{{2}}'"
    return value_exists(value, data_type, new_type)


def is_other_collection(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that an array, map or vector would change if it is stored in a column of ``new_type``.

    ``value`` is the SQL of the array, map or vector. ``data_type`` is its type in the result of a query, which is
    always ``char(134217727)``. Return None if no value changes.

    The server rounds numbers if the elements of ``new_type`` are integers or floating point numbers. If these elements
    are strings, the server stores numbers as text, which counts as no change. The server refuses any other value that
    does not fit. The keys of a map are checked as one array, and the values of a map as another. If ``new_type`` is not
    an ARRAY, VECTOR or MAP, the condition is true for every value that is not NULL.
    """
    if types.base_type(new_type) not in types.types_in("collection"):
        return value_exists(value, data_type, new_type)
    if types.base_type(new_type) == "map":
        parts = zip(("map_keys", "map_values"), types.arguments_of(new_type), strict=False)
        found = (is_other_collection(f"{part}({value})", data_type, f"array({kind})") for part, kind in parts)
        return " or ".join(f"({each})" for each in found if each) or None
    text, element = collection_text(value), _element(new_type)
    if _is_text(element):
        return None
    condition = is_no_array(text, data_type, new_type)
    if types.base_type(element) in types.INTEGER_TYPES:
        # the text of a FLOAT has six digits, and may be that of an integer although the number is none
        return f"{condition} or {_has_element(value, new_type, '{0} <> round({0})')}"
    # the digits of a FLOAT or DOUBLE are kept, but not those of a long integer or of a text
    long_or_text = f"{text} regexp '\"|[^.0-9][0-9]{{{DIGITS_OF_DOUBLE + 1}}}'"
    if types.base_type(element) == "float":
        changed = _has_element(value, new_type, "{0} <> cast({0} as float)")
        return f"{condition} and ({long_or_text} or {changed})"
    if types.base_type(element) == "double":
        return f"{condition} and {long_or_text}"
    return condition


def _has_element(value: str, array: str, condition: str, depth: int = 1) -> str:
    """Return the SQL condition that the array ``value`` has at least one element for which ``condition`` is true.

    ``condition`` is SQL with ``{0}`` for the element. ``array`` is the type of the column in which ``value`` is to be
    stored. If its elements are arrays too, the elements of the innermost arrays are checked. If ``value`` has fewer
    levels of arrays than ``array``, the server refuses the SQL (error 5083). ``depth`` is 1 for the outermost array, 2
    for an array in it, and so on. The name of the element in the SQL contains this number, so that each level has its
    own name.
    """
    element, name = types.arguments_of(array)[0], f"e{depth}"
    is_nested = types.base_type(element) == "array"
    found = _has_element(name, element, condition, depth + 1) if is_nested else condition.format(name)
    return f"array_length(array_filter({name} -> {found}, {value})) > 0"


def _element(array: str) -> str:
    """Return the type of the innermost elements of the array type ``array``. Any other type is returned unchanged."""
    while types.base_type(array) == "array" and types.arguments_of(array):
        array = types.arguments_of(array)[0]
    return array


def _is_text(data_type: str) -> bool:
    return types.base_type(data_type) in types.STRING_TYPES
