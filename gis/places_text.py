"""Names as one array of characters, searched as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from gis.places_words import fold
from gis.profiles import load

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Ranks = npt.NDArray[np.int8]

# Folded names stand one to a line.
_END = ord("\n")


class Rank(IntEnum):
    """How a word was found, the best first; SOUND is by full pinyin."""

    EXACT = 0
    SOUND_EXACT = 1
    PREFIX = 2
    SOUND_PREFIX = 3
    WORD = 4
    SOUND_WORD = 5
    CODE_PREFIX = 6
    INSIDE = 7
    SOUND_INSIDE = 8
    INITIALS_EXACT = 9
    INITIALS_PREFIX = 10
    INITIALS_INSIDE = 11
    IN_VILLAGE = 12
    NONE = 13


@dataclass(frozen=True, eq=False)
class Names:
    """Names, one behind the other, without blanks and punctuation.

    Parameters
    ----------
    owner
        Number of the place each name belongs to, (r,).
    places
        How many places there are.
    chars
        Characters, (c,), and behind each name one 0.
    name
        Name that each character belongs to, (c,).
    begins
        True where a name begins, (c,).
    word
        True where a word begins, (c,): at a name, behind a blank, between letters, digits and
        Chinese characters, and behind such as 市 and 路 (`data/profiles/places.toml`).
    """

    owner: Ints = field(repr=False)
    places: int
    chars: npt.NDArray[np.uint32] = field(repr=False)
    name: npt.NDArray[np.int32] = field(repr=False)
    begins: Flags = field(repr=False)
    word: Flags = field(repr=False)


def lay_out(names: Sequence[str], owner: Ints, places: int) -> Names:
    """Return names laid out for searching.

    Parameters
    ----------
    names
        Names as they are written, (r,).
    owner
        Number of the place each belongs to, (r,).
    places
        How many places there are.

    Examples
    --------
    >>> laid = lay_out(["海东路12号", "Main St."], np.array([0, 1]), 2)
    >>> laid.chars.size, np.flatnonzero(laid.word).tolist()
    (14, [0, 3, 5, 7, 11])
    """
    lines = "".join(f"{' '.join(name.split())}\n" for name in names)
    chars = np.frombuffer(fold(lines).encode("utf-32-le"), np.uint32)
    signs, which = np.unique(chars, return_inverse=True)
    group = np.array([_group(chr(sign)) for sign in signs.tolist()], np.int8)[which]
    ends_word = np.isin(chars, [ord(sign) for sign in load("places")["words"]["ends"]])
    word = np.ones(len(chars), bool)
    word[1:] = (group[1:] != group[:-1]) | ends_word[:-1]
    is_end = chars == _END
    row = np.cumsum(is_end) - is_end
    kept = (group > 0) | is_end
    # A blank or a stop before a character makes a word of it: its group was another.
    text, row, word = np.where(is_end, 0, chars)[kept], row[kept], word[kept]
    begins = np.ones(len(text), bool)
    begins[1:] = text[:-1] == 0
    return Names(
        owner=np.asarray(owner, np.int64),
        places=places,
        chars=text.astype(np.uint32),
        name=row.astype(np.int32),
        begins=begins & (text != 0),
        word=(word | begins) & (text != 0),
    )


def find_written(names: Names, word: str) -> Ranks:
    """Return how well each place's names hold a word.

    Parameters
    ----------
    names
        Names laid out.
    word
        Folded letters and digits.

    Returns
    -------
    ndarray
        (places,) EXACT, PREFIX, WORD, INSIDE or NONE of `Rank`: that of the best name.

    Examples
    --------
    >>> laid = lay_out(["海东路", "海东路12号", "沥海东路"], np.arange(3), 3)
    >>> [Rank(rank).name for rank in find_written(laid, "海东路")]
    ['EXACT', 'PREFIX', 'INSIDE']
    """
    wanted = [ord(sign) for sign in word]
    at = np.flatnonzero(names.chars == wanted[0])
    for step, sign in enumerate(wanted[1:], start=1):
        # Never past the end: every name ends with a 0, which no word holds.
        at = at[names.chars[at + step] == sign]
    whole = names.begins[at] & (names.chars[at + len(wanted)] == 0)
    rank = np.full(len(at), Rank.INSIDE, np.int8)
    rank[names.word[at]] = Rank.WORD
    rank[names.begins[at]] = Rank.PREFIX
    rank[whole] = Rank.EXACT
    return best_of(rank, names.owner[names.name[at]], names.places)


def best_of(rank: Ranks, owner: Ints, places: int) -> Ranks:
    """Return the best rank of each place, (places,), from the ranks of its finds, (f,)."""
    best = np.full(places, Rank.NONE, np.int8)
    for one in sorted(set(np.unique(rank).tolist()), reverse=True):
        best[owner[rank == one]] = one
    return best


def _group(sign: str) -> int:
    """Return 0 for what stands between words, else which signs a sign goes with."""
    if not sign.isalnum():
        return 0
    if sign.isdecimal():
        return 1
    return 2 if sign.isascii() else 3
