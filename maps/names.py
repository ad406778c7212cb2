"""Names on maps in the language of the page: Chinese ones as they are read, and a word of kind."""

from __future__ import annotations

from functools import cache
from typing import Literal

from gis.errors import DependencyError
from gis.pinyin import readings
from gis.profiles import load
from maps.words import Lang

# Signs from here on are Chinese.
FIRST_SIGN = "\u2e80"


@cache
def map_name(name: str, what: Literal["villages", "streets"], lang: Lang) -> str:
    """Return a name as a map shows it; as it stands where it is not Chinese or cannot be read.

    Parameters
    ----------
    name
        As the town writes it.
    what
        Which endings there are.
    lang
        "zh" or "en".

    Examples
    --------
    >>> map_name("渔村村委会", "villages", "en"), map_name("绿洲西路", "streets", "en")
    ('Yucun Village', 'Lüzhou West Road')
    >>> map_name("绿洲西路", "streets", "zh"), map_name("Ring Road", "streets", "en")
    ('绿洲西路', 'Ring Road')
    """
    if lang == "zh" or all(sign < FIRST_SIGN for sign in name):
        return name
    endings: dict[str, str] = load("names")[what]
    fitting = [end for end in endings if name.endswith(end) and len(name) > len(end)]
    ending = max(fitting, key=len, default="")
    try:
        read = [readings(sign) for sign in name.removesuffix(ending)]
    except DependencyError:
        return name
    if not all(read):
        return name
    # A keyboard gives v for ü.
    stem = "".join(first.replace("v", "ü") for first, *_ in read).strip()
    return " ".join(filter(None, [stem[:1].upper() + stem[1:], endings.get(ending, "")]))
