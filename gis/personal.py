"""Which columns of a file tell of a person, by their names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from gis.profiles import load


def personal_columns(names: Iterable[str], allowed: Collection[str] = ()) -> list[str]:
    """Return the columns that tell of a person, by the table `data/profiles/personal.toml`.

    Parameters
    ----------
    names
        Column names of a file, in any spelling: "contactPhone", "Contact phone", "联系电话".
    allowed
        Names that are never personal, in lower case: those of the layer's schema.

    Examples
    --------
    >>> personal_columns(["name", "contactPhone", "surface", "联系电话", "mobile"], {"mobile"})
    ['contactPhone', '联系电话']
    """
    return [name for name in names if name.lower() not in allowed and _is_personal(_plain(name))]


def _plain(name: str) -> str:
    """Return a name as words in lower case with one blank between them."""
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    return re.sub(r"[\W_]+", " ", text).strip().lower()


def _is_personal(name: str) -> bool:
    table = load("personal")
    if name in table["kept"]:
        return False
    return (
        name in table["names"]
        or any(part in name for part in table["parts"])
        or any(f" {words} " in f" {name} " for words in table["words"])
    )
