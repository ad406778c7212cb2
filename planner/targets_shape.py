"""Whether the parts of a profile of targets have the shape that TOML should give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or isinstance(value, float)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_table, value))


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_choice(value: Any) -> bool:
    """Return whether a table names columns with the values that each may have."""
    plain = (str, int, float, date)
    return _is_table(value) and all(
        isinstance(one, plain)
        for values in value.values()
        for one in (values if isinstance(values, list) else [values])
    )


def _is_days(value: Any) -> bool:
    return _is_table(value) and all(isinstance(day, date) for day in value.values())


TEXT = ("a text in quotes", _is_text)
TABLE = ("a table { … }", _is_table)
TABLES = ("a list of tables [{ … }]", _is_tables)
CHOICE = ('a table of columns and their values { kind = ["…"] }', _is_choice)
_TEXTS = (
    *("id", "clause", "zh", "en", "measure", "scope", "unit", "layer", "by", "fact", "column"),
    *("rows", "near", "weight", "name", "op", "source", "needs_zh", "needs_en"),
    *("take_zh", "take_en", "note_zh", "note_en", "reason_zh", "reason_en"),
)
SHAPES: Mapping[str, tuple[str, Check]] = {
    **dict.fromkeys(_TEXTS, TEXT),
    **dict.fromkeys(("part", "whole", "threshold", "fallback", "when"), TABLE),
    **dict.fromkeys(("target", "left_out", "places", "where", "cases", "beside"), TABLES),
    **dict.fromkeys(("only", "camera"), CHOICE),
    **dict.fromkeys(("known", "facts"), ('a list of texts ["…"]', _is_texts)),
    "since": ("a table of columns and days { installed = 2016-01-01 }", _is_days),
    "days_ago": ("a whole number", _is_whole),
    "of": ("a number other than 0", lambda value: _is_number(value) and value != 0),
}
# Tables whose names are columns of a layer, not parts of a profile.
_OF_COLUMNS = ("only", "camera", "since")


def shape_faults(table: Mapping[str, Any]) -> Iterator[str]:
    """Give each part of a profile, or of one target, that has another shape than it should.

    Parameters
    ----------
    table
        As TOML gives it.

    Examples
    --------
    >>> list(shape_faults({"id": "X", "places": ["villages"]}))
    ["places must be a list of tables [{ … }], not ['villages']"]
    """
    for name, value in table.items():
        if name in SHAPES and not SHAPES[name][1](value):
            yield f"{name} must be {SHAPES[name][0]}, not {value!r}"
        elif name not in _OF_COLUMNS:
            inner = value if isinstance(value, list) else [value]
            for one in inner:
                if isinstance(one, Mapping):
                    yield from (f"{name}: {fault}" for fault in shape_faults(one))
