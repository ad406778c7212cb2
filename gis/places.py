"""Find a place of a town by name, alias, pinyin, initials or code.

places_rows     what can be found
places_words    names and questions in one plain form
places_text     search by characters
places_sound    search by pinyin and initials
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import ParameterError
from gis.layers import Layers
from gis.pinyin import as_heard
from gis.places_rows import place_rows
from gis.places_sound import Sounds, find_sounding, sound_out
from gis.places_text import Flags, Ints, Names, Rank, Ranks, find_written, lay_out
from gis.places_words import plain, read_question, variants
from gis.profiles import load
from gis.proposals_junctions import junctions_of
from gis.proposals_sites import is_known
from gis.streets import Streets

# Behind every character that a code may hold.
_LAST = "\U0010ffff"
# Longer names are all equally long, where the length of a name breaks a tie.
_LONGEST = 255


@dataclass(frozen=True)
class Place:
    """One place that was found.

    Parameters
    ----------
    layer, kind, code, name
        Which it is; a junction of the network, which is in no layer, has layer "streets" and
        kind "junction".
    lon, lat
        Degrees; of an area a point inside, of a street its middle.
    village
        Code of the village it is in.
    """

    layer: str
    kind: str | None
    code: str
    name: str | None
    lon: float | None
    lat: float | None
    village: str | None

    def document(self) -> dict[str, Any]:
        """Return the place as it is given out as JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class PlaceIndex:
    """The names of a town, ready to be searched; `build_index` makes it.

    Parameters
    ----------
    places
        Every place that can be found; of those found equally well the first comes first.
    names, sounds
        Names and aliases, as written and as heard.
    codes, code_owner
        Plain codes in alphabetical order, and the number of the place of each, (n,).
    village
        Number of the place that is the village of each place, (n,); -1 = none.
    length
        Characters of each name, (n,).
    late
        True for a place that comes behind the others unless it is found whole, (n,).
    """

    places: tuple[Place, ...] = field(repr=False)
    names: Names = field(repr=False)
    sounds: Sounds = field(repr=False)
    codes: tuple[str, ...] = field(repr=False)
    code_owner: Ints = field(repr=False)
    village: Ints = field(repr=False)
    length: Ints = field(repr=False)
    late: Flags = field(repr=False)

    def find(self, words: str, limit: int = 20) -> tuple[Place, ...]:
        """Return the places that hold all the words, the best found first.

        A word is looked for in names and aliases by its characters, by full pinyin and by
        initials, and at the beginning of codes. Case, width, accents and punctuation do not
        matter, nor the order of words, and 十二号 is 12号. Of several words, some may be found
        in the name of the village instead. Best is what is found whole, then at the beginning of
        a name, of a word, inside, by initials (`gis.places_text.Rank`); then short names come
        before long ones; cameras, of which many are named after one place, come behind the rest.

        If nothing is found, Chinese characters are taken as they sound, whichever were typed
        (海冻路 finds 海东路), and then a word of four characters or more as the end of a code.

        Parameters
        ----------
        words
            What to find, such as "海东路 12号", "haidonglu", "hdl", "海东路与长宁路口".
        limit
            At most so many places.

        Returns
        -------
        tuple of Place
            Empty if nothing is found.

        Raises
        ------
        ParameterError
            If there is nothing to look for, or far too much, or the limit is below 1.
        """
        if limit < 1:
            msg = f"limit is {limit}; it must be 1 or more places"
            raise ParameterError(msg)
        ways = read_question(words)
        keys = np.min([self._keys(each) for each in ways], axis=0)
        if (keys == _NOT_FOUND).all():
            # One syllable sounds like too much.
            heard = [tuple(map(as_heard, each)) for each in ways if len("".join(each)) > 1]
            keys = np.min([keys, *map(self._keys, heard)], axis=0)
        if (keys == _NOT_FOUND).all():
            keys = self._tail_keys(ways[0][0])
        found = np.flatnonzero(keys < _NOT_FOUND)
        if len(found) > limit:
            found = found[np.argpartition(keys[found], limit - 1)[:limit]]
        best = found[np.argsort(keys[found])]
        return tuple(self.places[at] for at in best.tolist())

    def summary(self) -> str:
        """Return one line: how many places of each layer."""
        layers = pd.Series([place.layer for place in self.places], dtype=object)
        counts = layers.value_counts(sort=False).items()
        return f"{len(self.places)} places: " + ", ".join(f"{n} {c}" for n, c in counts)

    def _keys(self, words: Sequence[str]) -> Ints:
        """Return how well each place holds all the words, (n,): small is good."""
        each = np.stack([self._ranks(word) for word in words])
        if len(words) > 1:
            # Not all: what holds no word itself was not asked for.
            own = (each < Rank.NONE).any(axis=0)
            theirs = each[:, self.village] <= Rank.SOUND_PREFIX
            around = (each == Rank.NONE) & theirs & own & (self.village >= 0)
            each = np.where(around, Rank.IN_VILLAGE, each)
        worst = each.max(axis=0).astype(np.int64)
        total = each.sum(axis=0, dtype=np.int64)
        last = self.late & (worst > Rank.EXACT)
        keys = np.where(last, worst + Rank.NONE, worst)
        for part, bits in ((total, 12), (self.length, 8), (np.arange(len(keys)), 32)):
            keys = (keys << bits) + part
        return np.where(worst < Rank.NONE, keys, _NOT_FOUND)

    def _tail_keys(self, word: str) -> Ints:
        """Return the position of each place whose code ends with a word, (n,)."""
        keys = np.full(len(self.places), _NOT_FOUND)
        if len(word) >= load("places")["search"]["code_tail"]:
            ends = [code.endswith(word) for code in self.codes]
            owner = self.code_owner[np.flatnonzero(ends)]
            keys[owner] = owner
        return keys

    def _ranks(self, word: str) -> Ranks:
        """Return how well each place holds one word, (n,)."""
        found = [find_written(self.names, form) for form in variants(word)]
        ranks = np.min([*found, find_sounding(self.sounds, word)], axis=0)
        first = bisect_left(self.codes, word)
        last = bisect_left(self.codes, word + _LAST, first)
        exact = bisect_right(self.codes, word, first, last)
        for stop, rank in ((last, Rank.CODE_PREFIX), (exact, Rank.EXACT)):
            at = self.code_owner[first:stop]
            ranks[at] = np.minimum(ranks[at], rank)
        return np.asarray(ranks, np.int8)


# A key is worst rank, sum of ranks, length and position, one behind the other in bits.
_NOT_FOUND = 2 * int(Rank.NONE) << 52


def build_index(layers: Layers, streets: Streets | None = None) -> PlaceIndex:
    """Return an index of the places of a town.

    Parameters
    ----------
    layers
        The town.
    streets
        Its network, so that junctions are found that are no sites: "A路与B路口", "A / B". None
        leaves them out.

    Returns
    -------
    PlaceIndex
        In the order of `data/profiles/places.toml`.

    Examples
    --------
    >>> sites = gpd.GeoDataFrame(
    ...     {"code": ["s1", "s2"], "name": ["海东路小学", "沥海市场"], "kind": "other"},
    ...     geometry=gpd.GeoSeries.from_xy([120.71, 120.72], [30.15, 30.16], crs=4326),
    ... )
    >>> index = build_index(Layers("Example", {"sites": sites}))
    >>> [place.name for place in index.find("hdl")], [place.code for place in index.find("lihai")]
    (['海东路小学'], ['s2'])
    """
    rows = place_rows(layers, None if streets is None else _new_junctions(layers, streets))
    places = tuple(_place(row) for row in rows.itertuples(index=False))
    texts, owner = _all_names(rows)
    names = lay_out(texts, owner, len(rows))
    codes = np.array([plain(place.code) for place in places], dtype=object)
    code_owner = np.argsort(codes, kind="stable")
    number = {place.code: at for at, place in enumerate(places) if place.layer == "villages"}
    village = [number.get(place.village or "", -1) for place in places]
    length = [len(plain(place.name or "")) for place in places]
    return PlaceIndex(
        places=places,
        names=names,
        sounds=sound_out(names),
        codes=tuple(codes[code_owner]),
        code_owner=code_owner,
        village=np.array(village, np.int64),
        length=np.minimum(np.array(length, np.int64), _LONGEST),
        late=np.isin([place.layer for place in places], load("places")["search"]["late"]),
    )


def _new_junctions(layers: Layers, streets: Streets) -> gpd.GeoDataFrame:
    """Return the junctions of the network that are no sites."""
    junctions = junctions_of(layers, streets)
    return junctions[~is_known(junctions, layers, streets.crs)]


def _all_names(rows: pd.DataFrame) -> tuple[list[str], Ints]:
    """Return every name and alias, also with its numerals as digits, and whose it is."""
    texts: list[str] = []
    owner: list[int] = []
    for at, (name, aliases) in enumerate(zip(rows["name"], rows["aliases"], strict=True)):
        known = ([] if name is None else [name]) + aliases
        forms = [form for text in known for form in variants(text)]
        texts += forms
        owner += [at] * len(forms)
    return texts, np.array(owner, np.int64)


def _place(row: Any) -> Place:
    there = bool(np.isfinite(row.lon) and np.isfinite(row.lat))
    lon, lat = (float(row.lon), float(row.lat)) if there else (None, None)
    return Place(row.layer, row.kind, row.code, row.name, lon, lat, row.village)
