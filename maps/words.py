"""Words in Chinese and English, from message catalogues.

A message's id is its English text; the catalogues are read as they are written (`.po`), so that
nothing has to be compiled or shipped twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Literal

from babel.messages.pofile import read_po

from gis.errors import NotFoundError

Lang = Literal["zh", "en"]
LANGUAGES: dict[str, str] = {"zh": "zh_CN", "en": "en"}


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Return the messages of a language, id to text.

    Raises
    ------
    NotFoundError
        If there is no such language.
    """
    if lang not in LANGUAGES:
        msg = f"no language {lang!r}; there are: {', '.join(LANGUAGES)}"
        raise NotFoundError(msg)
    place = resources.files("maps") / "locale" / LANGUAGES[lang] / "LC_MESSAGES" / "messages.po"
    with place.open("rb") as file:
        messages = read_po(file, locale=LANGUAGES[lang])
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


def translator(lang: str) -> Callable[[str], str]:
    """Return the function from a message's id to its words; an unknown id is its own text.

    Examples
    --------
    >>> translator("zh")("gap"), translator("en")("gap")
    ('盲区', 'gap')
    """
    messages = catalogue(lang)
    return lambda text: messages.get(text, text)
