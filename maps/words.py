"""Words in Chinese and English, from message catalogues.

A message's id is its English text; the catalogues are read as they are written (`.po`), so that
nothing has to be compiled or shipped twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from babel.messages.pofile import read_po

from gis.errors import NotFoundError

Lang = Literal["zh", "en"]
LOCALES: dict[str, str] = {"zh": "zh_CN", "en": "en"}
# Messages of this context are whole sentences of other packages, with {holes} for what varies.
SENTENCES = "sentence"
# Holes that are no word of a vocabulary: codes, and what somebody has typed.
AS_THEY_STAND = ("code", "text", "list", "time")


@dataclass(frozen=True)
class Words:
    """The words of one language.

    Parameters
    ----------
    lang
        "zh" or "en".
    messages
        (context or "", English text) to the text of this language.
    """

    lang: Lang
    messages: dict[tuple[str, str], str] = field(repr=False)

    def __call__(self, text: str, **values: object) -> str:
        """Return a message in this language, its holes filled.

        Examples
        --------
        >>> words("zh")("{n} m", n=420)
        '420 米'
        """
        told = self.messages.get(("", text), text)
        return told.format(**values) if values else told

    def term(self, vocabulary: str, value: Any) -> str:
        """Return one word of a vocabulary, such as a kind of site; "" where it is unknown.

        Examples
        --------
        >>> words("zh").term("site", "school"), words("en").term("site", "bus_station")
        ('学校', 'bus station')
        """
        if not isinstance(value, str):
            return ""
        return self.messages.get((vocabulary, value), value.replace("_", " "))

    def sentence(self, text: str, name_of: Callable[[str], str] = str) -> str:
        """Return a sentence another package wrote in English, in this language.

        What fills its holes is looked up as a word of the vocabulary the hole is named after;
        a hole called code is filled with the name of what has it, one called text as it stands;
        a sentence no catalogue knows stays as it is.

        Parameters
        ----------
        text
            The sentence.
        name_of
            Code of a unit or a street to its name.

        Examples
        --------
        >>> words("zh").sentence("one unit by car at each police")
        '在每个派出所（公安机关）配置 1 支汽车警力'
        """
        for pattern, told in _sentences(self.lang):
            if match := pattern.fullmatch(text):
                parts = match.groupdict()
                filled = {hole: self._part(hole, parts[hole], name_of) for hole in parts}
                return told.format(**filled)
        return text

    def _part(self, hole: str, value: str, name_of: Callable[[str], str]) -> str:
        if hole in AS_THEY_STAND:
            return name_of(value) if hole == "code" else value
        if hole == "layers":
            return self(" and ").join(self.term("layer", name) for name in value.split(" and "))
        return self.term(hole.rstrip("0123456789"), value)


@cache
def words(lang: str) -> Words:
    """Return the words of a language.

    Parameters
    ----------
    lang
        "zh" or "en".

    Raises
    ------
    NotFoundError
        If there is no such language.

    Examples
    --------
    >>> words("zh")("Gaps"), words("en")("Gaps")
    ('盲区', 'Gaps')
    """
    if lang not in LOCALES:
        msg = f"no language {lang!r}; there are: {', '.join(LOCALES)}"
        raise NotFoundError(msg)
    place = resources.files("maps") / "locale" / LOCALES[lang] / "LC_MESSAGES" / "messages.po"
    with place.open("rb") as file:
        messages = read_po(file, locale=LOCALES[lang])
    found = {(m.context or "", str(m.id)): str(m.string) for m in messages if m.id and m.string}
    return Words("zh" if lang == "zh" else "en", found)


@cache
def _sentences(lang: str) -> list[tuple[re.Pattern[str], str]]:
    """Return what a known sentence looks like, and how this language says it."""
    pairs = []
    for (context, text), told in words(lang).messages.items():
        if context == SENTENCES:
            parts = re.split(r"\{(\w+)\}", text)
            body = [re.escape(p) if n % 2 == 0 else f"(?P<{p}>.+?)" for n, p in enumerate(parts)]
            pairs.append((re.compile("".join(body), re.DOTALL), told))
    return pairs
