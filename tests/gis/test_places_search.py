"""Search by characters and by sound against a slow one that takes names one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.pinyin import readings
from gis.places_sound import find_sounding, sound_out
from gis.places_text import Rank, find_written, lay_out

ENDS = "路"
NAMES = st.text("海长绿路安西a1b2 ", max_size=8)


def signs_of(name: str) -> list[tuple[str, bool]]:
    """Return the characters of a name, each with whether a word begins there."""
    signs: list[tuple[str, bool]] = []
    for part in name.split():
        for word in re.findall(r"[a-z]+|[0-9]+|[^a-z0-9]+", part):
            for at, sign in enumerate(word):
                after_end = bool(signs) and at > 0 and signs[-1][0] in ENDS
                signs.append((sign, at == 0 or after_end))
    return signs


def slow_written(name: str, word: str) -> Rank:
    signs = signs_of(name)
    text = "".join(sign for sign, _ in signs)
    if text == word:
        return Rank.EXACT
    found = [m.start() for m in re.finditer(f"(?={word})", text)]
    if 0 in found:
        return Rank.PREFIX
    if any(signs[at][1] for at in found):
        return Rank.WORD
    return Rank.INSIDE if found else Rank.NONE


def syllables(name: str) -> list[tuple[tuple[str, ...], bool]]:
    """Return the readings of each syllable of a name, with whether a word begins there."""
    runs: list[tuple[str, bool]] = []
    for sign, begins in signs_of(name):
        if sign.isascii() and not begins:
            runs[-1] = (runs[-1][0] + sign, runs[-1][1])
        else:
            runs.append((sign, begins))
    return [((run,) if run.isascii() else readings(run), begins) for run, begins in runs]


def ways(said: list[tuple[str, ...]], word: str) -> Iterator[tuple[bool, bool, bool]]:
    """Yield (short, at the last syllable, all of it said) for each way to say a word."""
    for reading in said[0] if said else ():
        for length in range(1, len(reading) + 1):
            piece, rest = reading[:length], word[length:]
            if not word.startswith(piece):
                break
            cut = length < len(reading)
            if not rest:
                yield False, len(said) == 1, not cut
            elif not (cut and piece.isdecimal()):
                for short, last, whole in ways(said[1:], rest):
                    yield short or cut, last, whole


def slow_sounding(name: str, word: str) -> Rank:
    spoken = syllables(name)
    best = Rank.NONE
    for at, (_, begins) in enumerate(spoken):
        for short, last, whole in ways([said for said, _ in spoken[at:]], word):
            if short:
                rank = Rank.INITIALS_INSIDE
                if at == 0:
                    rank = Rank.INITIALS_EXACT if last else Rank.INITIALS_PREFIX
            elif at == 0:
                rank = Rank.SOUND_EXACT if last and whole else Rank.SOUND_PREFIX
            else:
                rank = Rank.SOUND_WORD if begins else Rank.SOUND_INSIDE
            best = min(best, rank)
    return best


@given(st.lists(NAMES, max_size=6), st.text("海长绿路a1b2", min_size=1, max_size=3))
def test_written_words_are_found_as_one_by_one(names: list[str], word: str) -> None:
    laid = lay_out(names, np.arange(len(names)), len(names))
    assert find_written(laid, word).tolist() == [slow_written(name, word) for name in names]


@given(st.lists(NAMES, max_size=6), st.text("haicngzluvxia1b2", min_size=1, max_size=9))
def test_sounds_are_found_as_one_by_one(names: list[str], word: str) -> None:
    sounds = sound_out(lay_out(names, np.arange(len(names)), len(names)))
    expected = [
        slow_sounding(name, word) if re.search("[a-z]", word) else Rank.NONE for name in names
    ]
    assert find_sounding(sounds, word).tolist() == expected


@given(NAMES, st.data())
def test_every_mixture_of_syllables_and_initials_finds_its_name(
    name: str, data: st.DataObject
) -> None:
    spoken = [said for said, _ in syllables(name)]
    word = ""
    for said in spoken:
        reading = data.draw(st.sampled_from(said))
        least = len(reading) if reading.isdecimal() else 1
        word += reading[: data.draw(st.integers(least, len(reading)))]
    if re.search("[a-z]", word):
        sounds = sound_out(lay_out([name], np.zeros(1, int), 1))
        assert find_sounding(sounds, word)[0] <= Rank.INITIALS_EXACT


@pytest.mark.parametrize(
    ("name", "word", "rank"),
    [
        ("海东路", "haidonglu", Rank.SOUND_EXACT),
        ("海东路", "haidongl", Rank.SOUND_PREFIX),
        ("海东路", "dong", Rank.SOUND_INSIDE),
        ("海东路", "hdl", Rank.INITIALS_EXACT),
        ("海东路", "ai", Rank.NONE),
        ("西安路", "xian", Rank.SOUND_PREFIX),
        ("长宁路", "changning", Rank.SOUND_PREFIX),
        ("长宁路", "zhangning", Rank.SOUND_PREFIX),
        ("绿化路", "lvhua", Rank.SOUND_PREFIX),
        ("绿化路", "luhua", Rank.SOUND_PREFIX),
        ("海东路小学", "xiaoxue", Rank.SOUND_WORD),
        ("海东路12号", "hdl12h", Rank.INITIALS_EXACT),
        ("海东路12号", "hdl1h", Rank.NONE),
        ("Main Street", "ms", Rank.INITIALS_EXACT),
    ],
)
def test_a_name_sounds(name: str, word: str, rank: Rank) -> None:
    sounds = sound_out(lay_out([name], np.zeros(1, int), 1))
    assert Rank(find_sounding(sounds, word)[0]) is rank


def test_the_best_name_of_a_place_counts() -> None:
    laid = lay_out(["沥海东路", "海东路", "海东路口"], np.array([0, 1, 0]), 2)
    assert find_written(laid, "海东路").tolist() == [Rank.PREFIX, Rank.EXACT]


def test_names_do_not_run_into_each_other() -> None:
    laid = lay_out(["海东", "路"], np.arange(2), 2)
    assert find_written(laid, "东路").tolist() == [Rank.NONE, Rank.NONE]
    assert find_sounding(sound_out(laid), "dl").tolist() == [Rank.NONE, Rank.NONE]


def test_a_line_break_in_a_name_is_a_blank() -> None:
    laid = lay_out(["海东\n路", "\n"], np.arange(2), 2)
    assert find_written(laid, "海东路").tolist() == [Rank.EXACT, Rank.NONE]


def test_ways_through_a_monotonous_name_stay_few() -> None:
    sounds = sound_out(lay_out(["a " * 60], np.zeros(1, int), 1))
    assert find_sounding(sounds, "a" * 60)[0] == Rank.SOUND_EXACT
    sounds = sound_out(lay_out(["aaaa " * 20], np.zeros(1, int), 1))
    assert find_sounding(sounds, "a" * 40)[0] == Rank.SOUND_PREFIX
