"""The 20-digit codes of devices: taken apart, checked, and put together again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gis.profiles import load
from gis.validate_values import quoted

# Name of a part -> its first digit and the one behind its last.
PARTS = {
    "centre": (0, 8),
    "industry": (8, 10),
    "type": (10, 13),
    "network": (13, 14),
    "serial": (14, 20),
}
CODE_DIGITS = 20
RULE_B_DIGITS = (16, 17, 18)
# What a spreadsheet makes of a long code that it takes for a number.
DAMAGED_CODE = r"(?i)[0-9]+(?:\.[0-9]+)?E\+?[0-9]{1,2}"


def parse_codes(codes: pd.Series[Any], *, prefixes: Sequence[str] = ()) -> pd.DataFrame:
    """Return the parts of device codes, what they mean, and what is wrong with each.

    Parameters
    ----------
    codes
        Codes as text; full-width digits and blanks are put right, nothing else is.
    prefixes
        Divisions that a code must begin with, such as "330602"; none for any.

    Returns
    -------
    DataFrame
        Same index. `code` (cleaned), `centre`, `industry`, `type`, `network`, `serial` (text;
        missing where the code has not 20 digits), `industry_name`, `type_name`, `network_name`
        (missing where the table has none), `region` (True for the bare digits of a division),
        `camera` (True where the type is a camera's), `problem` (missing where there is none).

    Examples
    --------
    >>> parts = parse_codes(pd.Series(["33060200001310000017", "330602", "3306021310000017"]))
    >>> parts[["type", "network", "serial", "camera", "region"]].values.tolist()[0]
    ['131', '0', '000017', True, False]
    >>> parts["region"].tolist(), parts["problem"].notna().tolist()
    ([False, True, False], [False, False, True])
    """
    table = load("camera_codes")["code"]
    clean = codes.map(clean_code, na_action="ignore").astype("str")
    clean = clean.where(clean.ne(""))
    digits = clean.str.fullmatch("[0-9]+").eq(True)
    length = clean.str.len()
    whole = digits & length.eq(CODE_DIGITS)
    parts = {name: clean.str.slice(start, end).where(whole) for name, (start, end) in PARTS.items()}
    named = {
        "industry_name": parts["industry"].map(table["industries"]),
        "type_name": parts["type"].map(table["types"]),
        "network_name": parts["network"].map(table["networks"]),
    }
    region = digits & length.isin(table["region_digits"])
    problem = clean.where(~region).map(_problem, na_action="ignore").astype("str")
    if prefixes:
        outside = whole & ~clean.str.startswith(tuple(prefixes)).eq(True)
        told = f"belongs to another division than {' or '.join(prefixes)}"
        problem = problem.mask(outside & problem.isna(), clean.map(lambda c: f"{quoted(c)} {told}"))
    return pd.DataFrame(
        {
            "code": clean,
            **parts,
            **{name: values.astype("str") for name, values in named.items()},
            "region": region.to_numpy(dtype=bool),
            "camera": parts["type"].isin(table["cameras"]).to_numpy(dtype=bool),
            "problem": problem.mask(clean.isna(), "is missing"),
        },
        index=codes.index,
    )


def clean_code(code: object) -> str:
    """Return a code without blanks, its full-width digits as plain ones.

    Examples
    --------
    >>> clean_code(" ３３０６0200 00131 0000017")
    '33060200001310000017'
    """
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(code)))


def channels(codes: pd.Series[Any], parents: pd.Series[Any]) -> pd.Series[Any]:
    """Return which items are cameras because they are channels of a recorder or the like.

    A channel under a DVR, an NVR, a video checkpoint or a multi-lens camera is a camera, where its
    own code names the same kind of device or a type that no table knows.

    Parameters
    ----------
    codes
        Codes of the items.
    parents
        Codes of what they stand under; of a path such as a/b/c the last one counts.

    Returns
    -------
    Series
        bool, same index as `codes`.

    Examples
    --------
    >>> nvr, item = "33060200001180000001", "33060200001180000005"
    >>> channels(pd.Series([item, nvr]), pd.Series([nvr, "33060200"])).tolist()
    [True, False]
    """
    table = load("camera_codes")["code"]
    own = parse_codes(codes)
    above = parents.map(lambda path: path.split("/")[-1], na_action="ignore")
    under = parse_codes(above.astype("str"))["type"].isin(table["with_channels"])
    unnamed = own["type"].notna() & own["type_name"].isna()
    other = own["code"].to_numpy() != above.to_numpy()
    is_channel = (own["type"].isin(table["with_channels"]) | unnamed) & under & other
    return pd.Series(is_channel, index=codes.index, dtype=bool)


def near_codes(code: str, other: str) -> str | None:
    """Return how two codes differ by one slip of a typist, None if by none or by more.

    Examples
    --------
    >>> near_codes("33060200001310000017", "33060200001310000071")
    'digits 19 and 20 are exchanged'
    >>> near_codes("33060200001310000017", "33060200001310000018")
    'digit 20 is 7, not 8'
    >>> near_codes("33060200001310000017", "33060200001310000099") is None
    True
    """
    if len(code) == len(other):
        off = [at for at in range(len(code)) if code[at] != other[at]]
        if len(off) == 1:
            return f"digit {off[0] + 1} is {code[off[0]]}, not {other[off[0]]}"
        if (
            len(off) == 2
            and off[1] == off[0] + 1
            and code[off[0] : off[1] + 1] == (other[off[1]] + other[off[0]])
        ):
            return f"digits {off[0] + 1} and {off[1] + 1} are exchanged"
        return None
    long, short = (code, other) if len(code) > len(other) else (other, code)
    if len(long) == len(short) + 1:
        at = next((i for i in range(len(short)) if long[i] != short[i]), len(short))
        if long[at + 1 :] == short[at:]:
            return f"digit {at + 1} is {'one too many' if long is code else 'left out'}"
    return None


def _problem(code: str) -> str | float:
    if re.fullmatch(DAMAGED_CODE, code):
        return (
            f"{quoted(code)} is a code that a spreadsheet made a number of, its last digits lost: "
            "make the column text and enter it again"
        )
    if not re.fullmatch("[0-9]+", code):
        return f"{quoted(code)} is not made of digits alone: a device has {CODE_DIGITS} digits"
    if len(code) in RULE_B_DIGITS:
        return (
            f"{quoted(code)} has {len(code)} digits, as the old rule B makes them: "
            f"give the device its code of {CODE_DIGITS} digits"
        )
    if len(code) != CODE_DIGITS:
        return f"{quoted(code)} has {len(code)} digits, where a device has {CODE_DIGITS}"
    return np.nan
