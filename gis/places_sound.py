"""Names as they sound: full pinyin, initials, and any mixture of the two.

A name is a row of syllables, each with one or more readings; a run of letters or of digits is
one syllable that reads as itself. A question such as `haidl` is followed letter by letter, all
names at once: a letter goes on in its syllable or begins the next one. Leaving a syllable before
its end makes it an abbreviation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gis.pinyin import readings
from gis.places_text import Flags, Ints, Names, Rank, Ranks, best_of

_ZERO, _NINE = ord("0"), ord("9")


@dataclass(frozen=True, eq=False)
class Sounds:
    """The syllables of names.

    Parameters
    ----------
    names
        The names they belong to.
    unit
        Which syllable stands in each slot, (s,).
    name
        Name that each slot belongs to, (s,).
    begins, word, ends
        True where a slot begins a name, begins a word, ends a name, (s,).
    letters
        Letters of every reading, each followed by a 0.
    reading
        Where each reading of a syllable begins in `letters`, (units, most readings); -1 = none.
    entries
        Letter to the slots that may begin with it, and where their reading begins in `letters`.
    """

    names: Names = field(repr=False)
    unit: Ints = field(repr=False)
    name: npt.NDArray[np.int32] = field(repr=False)
    begins: Flags = field(repr=False)
    word: Flags = field(repr=False)
    ends: Flags = field(repr=False)
    letters: npt.NDArray[np.uint8] = field(repr=False)
    reading: Ints = field(repr=False)
    entries: Mapping[int, tuple[Ints, Ints]] = field(repr=False)


def sound_out(names: Names) -> Sounds:
    r"""Return the syllables of names.

    Examples
    --------
    >>> from gis.places_text import lay_out
    >>> sounds = sound_out(lay_out(["海东路12号"], np.zeros(1, int), 1))
    >>> [len(sounds.unit), bytes(sounds.letters[:7])]
    [5, b'12\x00dong']
    """
    chars = names.chars
    in_run = (chars > 0) & (chars < 128)
    # Letters and digits stand apart already: a word begins between them.
    opens = (chars != 0) & (names.word | ~in_run)
    opens[1:] |= (chars[1:] != 0) & ~in_run[:-1]
    slot = np.flatnonzero(opens)
    stops = np.flatnonzero(opens | (chars == 0))
    texts = _texts(chars, slot, stops[np.searchsorted(stops, slot, side="right")])
    vocabulary, unit = np.unique(texts, return_inverse=True)
    letters, reading = _readings([str(text) for text in vocabulary.tolist()])
    begins = names.begins[slot]
    unit = unit.astype(np.int64)
    # Where there is no reading, -1 finds the last place: a 0, which is no letter.
    firsts = np.asarray(letters[reading])
    return Sounds(
        names=names,
        unit=unit,
        name=names.name[slot],
        begins=begins,
        word=names.word[slot],
        ends=np.append(begins[1:], True)[: len(slot)],
        letters=letters,
        reading=reading,
        entries={
            letter: _enter(np.asarray(firsts == letter), reading, unit)
            for letter in np.unique(firsts).tobytes()
            if letter
        },
    )


def find_sounding(sounds: Sounds, word: str) -> Ranks:
    """Return how well each place's names sound like a word.

    Parameters
    ----------
    sounds
        Syllables of the names.
    word
        Small letters and digits; anything else sounds like nothing.

    Returns
    -------
    ndarray
        (places,) a SOUND or INITIALS rank, or NONE. Of a reading only the last letters may be
        missing in SOUND (`haidongl`).

    Examples
    --------
    >>> from gis.places_text import lay_out
    >>> sounds = sound_out(lay_out(["海东路", "海东路12号"], np.arange(2), 2))
    >>> for word in ("haidonglu", "hdl", "haidl12"):
    ...     print(word, *[Rank(rank).name for rank in find_sounding(sounds, word)])
    haidonglu SOUND_EXACT SOUND_PREFIX
    hdl INITIALS_EXACT INITIALS_PREFIX
    haidl12 NONE INITIALS_PREFIX
    """
    places = sounds.names.places
    if not word.isascii() or not any(sign.isalpha() for sign in word) or not len(sounds.unit):
        return np.full(places, Rank.NONE, np.int8)
    first, last, at, short = _follow(sounds, word.encode())
    said = sounds.letters[at + 1] == 0
    rank = np.where(short, Rank.INITIALS_INSIDE, Rank.SOUND_INSIDE).astype(np.int8)
    rank[~short & sounds.word[first]] = Rank.SOUND_WORD
    begins, ends = sounds.begins[first], sounds.ends[last]
    rank[begins] = np.where(short, Rank.INITIALS_PREFIX, Rank.SOUND_PREFIX)[begins]
    rank[begins & ends & short] = Rank.INITIALS_EXACT
    rank[begins & ends & said & ~short] = Rank.SOUND_EXACT
    return best_of(rank, sounds.names.owner[sounds.name[first]], places)


def _follow(sounds: Sounds, word: bytes) -> tuple[Ints, Ints, Ints, Flags]:
    """Return the ways a word goes through the names.

    Returns its first slot, its last slot, the place of its last letter, and whether a syllable
    was left before its end, (k,) each.
    """
    nowhere = np.zeros(0, np.int64)
    slot, at = sounds.entries.get(word[0], (nowhere, nowhere))
    firsts = np.asarray(sounds.letters[sounds.reading])
    first, short = slot, np.zeros(len(slot), bool)
    for letter in word[1:]:
        stays = np.flatnonzero(sounds.letters[at + 1] == letter)
        early = sounds.letters[at + 1] != 0
        digit = (sounds.letters[at] >= _ZERO) & (sounds.letters[at] <= _NINE)
        # Half a number is another number.
        goes = np.flatnonzero(~sounds.ends[slot] & ~(early & digit))
        fits = np.asarray(firsts == letter)
        position, next_at = _enter(fits, sounds.reading, sounds.unit[slot[goes] + 1])
        goes = goes[position]
        first = np.concatenate([first[stays], first[goes]])
        short = np.concatenate([short[stays], (short | early)[goes]])
        at = np.concatenate([at[stays] + 1, next_at])
        slot = np.concatenate([slot[stays], slot[goes] + 1])
        if len(at) > len(sounds.unit):
            # Ways to one place multiply with every letter, unless they are made one.
            state = np.stack([first, slot, at, short.astype(np.int64)])
            first, slot, at, whether = np.unique(state, axis=1)
            short = whether.astype(bool)
    return first, slot, at, short


def _enter(fits: Flags, reading: Ints, unit: Ints) -> tuple[Ints, Ints]:
    """Return which of the syllables (n,) have a reading that fits, and where that begins, (k,).

    `fits` and `reading` are (units, most readings); a syllable of two that fit is there twice.
    """
    position = np.flatnonzero(np.any(fits, axis=1)[unit])
    which, column = np.nonzero(fits[unit[position]])
    position = position[which]
    return position, reading[unit[position], column]


def _texts(chars: npt.NDArray[np.uint32], slot: Ints, until: Ints) -> npt.NDArray[np.str_]:
    """Return the characters of each slot."""
    text = chars.tobytes().decode("utf-32-le")
    pairs = zip(slot.tolist(), until.tolist(), strict=True)
    return np.array([text[start:stop] for start, stop in pairs], np.str_)


def _readings(units: list[str]) -> tuple[npt.NDArray[np.uint8], Ints]:
    """Return the letters of all readings, and where those of each unit begin."""
    spoken = [(unit,) if unit.isascii() else readings(unit) for unit in units]
    most = max((len(ways) for ways in spoken), default=0)
    reading = np.full((len(units), max(most, 1)), -1, np.int64)
    letters = bytearray()
    for row, ways in enumerate(spoken):
        for column, way in enumerate(ways):
            reading[row, column] = len(letters)
            letters += way.encode("ascii") + b"\0"
    return np.frombuffer(bytes(letters) or b"\0", np.uint8), reading
