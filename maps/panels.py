"""What stands beside a map, as plain words: figures, lists, legend. No markup here."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import Any, Literal

from maps.style import style
from maps.units import doubt, known, percent
from maps.words import Words
from planner.results import Interval

# So many entries of a list are written out; how many there are stands beside its title.
MOST_ENTRIES = 60
WORST = 3


@dataclass(frozen=True)
class Figure:
    """One key figure: value, interval, count, target, in this order.

    Parameters
    ----------
    title, value, doubt, count, target
        Texts; "" leaves a part out.
    share, low, high
        0..1 for the bar, or None for no bar.
    met
        Whether the target is met; None where nobody can tell or there is none.
    lacking
        What to import so that the figure can be had, "" where it is there.
    """

    title: str
    value: str
    doubt: str = ""
    count: str = ""
    target: str = ""
    share: float | None = None
    low: float | None = None
    high: float | None = None
    met: bool | None = None
    lacking: str = ""


@dataclass(frozen=True)
class Entry:
    """One row of a list; with a key it is a button that points at the map."""

    title: str
    note: str = ""
    end: str = ""
    end_note: str = ""
    key: str = ""
    badge: str = ""
    badge_css: str = ""


@dataclass(frozen=True)
class Table:
    """A small table of figures side by side.

    Parameters
    ----------
    title
        Its heading.
    heads
        Words above its columns, without the first.
    rows
        Words of each row, and of each cell its value and its doubt.
    folded
        True where it opens on a click.
    note
        What the reader must know, "" for nothing.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    folded: bool = False
    note: str = ""


@dataclass(frozen=True)
class ItemList:
    """A list among the details of an item; `more` says how many are not written out."""

    title: str
    entries: tuple[Entry, ...]
    more: str = ""


@dataclass(frozen=True)
class Item:
    """What a click on an entry shows, where no single feature of the map tells it.

    Parameters
    ----------
    key
        What entries, the address and the feature of that key, if there is one, call it.
    title
        Its heading.
    rows
        Labels and texts; those without a text are left out.
    lists
        Lists below them.
    marks
        Keys of the features that it points at on the map.
    tables
        Tables between the rows and the lists.
    """

    key: str
    title: str
    rows: tuple[tuple[str, str], ...] = ()
    lists: tuple[ItemList, ...] = ()
    marks: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as the page's script takes it; entries as lists, in the order of `Entry`."""
        return {
            "title": self.title,
            "rows": [row for row in self.rows if row[1]],
            "lists": [
                {
                    "title": one.title,
                    "more": one.more,
                    "entries": [list(astuple(entry)) for entry in one.entries],
                }
                for one in self.lists
            ],
            "marks": self.marks,
            "tables": [
                {"title": one.title, "heads": one.heads, "rows": one.rows, "note": one.note}
                for one in self.tables
            ],
        }


@dataclass(frozen=True)
class Section:
    """One list of the panel.

    Parameters
    ----------
    title
        Its heading.
    entries
        Its rows.
    count
        How many there are in all, as text.
    look
        "worst" stands open at the top, "next" follows it, folded; "more" is folded, "open" can be
        folded.
    empty
        What to say where there are no rows.
    css
        Class of the heading's colour line, "" for none.
    """

    title: str
    entries: tuple[Entry, ...]
    count: str = ""
    look: Literal["worst", "next", "more", "open"] = "more"
    empty: str = ""
    css: str = ""


@dataclass(frozen=True)
class StripCell:
    """One hour of a strip: its colour, its words, and whether it is one of the worst."""

    colour: str
    text: str
    worst: bool = False


@dataclass(frozen=True)
class Strip:
    """The week as seven rows of 24 hours.

    Parameters
    ----------
    title
        Its heading.
    days
        Names of the days, Monday first.
    cells
        (168,) hours from Monday 00:00 on.
    classes
        Start and classes of its legend, as the swatch "classes" takes them.
    legend
        What the classes mean.
    note
        The worst and best hours in words.
    now
        The hour that the page is about; None where it is about none.
    """

    title: str
    days: tuple[str, ...]
    cells: tuple[StripCell, ...] = field(repr=False)
    classes: tuple[str, list[tuple[str, float, str, bool]]] = field(repr=False)
    legend: str = ""
    note: str = ""
    now: int | None = None


@dataclass(frozen=True)
class Swatch:
    """A sign of the legend: a mark of points, an area, a line, or a row of classes.

    Parameters
    ----------
    text
        What it means.
    kind
        "mark", "area", "line", "tag" or "classes".
    spec
        Colours and so on, as the template draws them.
    layers
        Layers without which it is not shown; () for always.
    """

    text: str
    kind: Literal["mark", "area", "line", "tag", "classes"]
    spec: Any = None
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Switch:
    """What shows and hides one layer, with its own sign if it has one."""

    layer: str
    text: str
    sign: Swatch | None = None


@dataclass(frozen=True)
class LegendGroup:
    """Signs that belong together, with the layers they switch.

    Parameters
    ----------
    title
        Heading, or the words of the switch.
    swatches
        The signs.
    switches
        The layers one may switch.
    kind
        "check" for each layer by itself, "radio" for one of them.
    off
        Layers that are off at first.
    """

    title: str
    swatches: tuple[Swatch, ...] = ()
    switches: tuple[Switch, ...] = ()
    kind: Literal["check", "radio"] = "check"
    off: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """Everything beside the map of one page; the first figure is the headline.

    `import_first` names the layers without which the page has little to show; `lead` stands
    above the figures, `strip` and `tables` below them, `below` at the end of the lists; `items` are
    what entries without a place of their own show on a click.
    """

    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    legend: tuple[LegendGroup, ...]
    notes: tuple[str, ...] = field(default=())
    import_first: tuple[str, ...] = ()
    lead: str = ""
    tables: tuple[Table, ...] = ()
    items: tuple[Item, ...] = field(default=(), repr=False)
    strip: Strip | None = None
    below: tuple[Table, ...] = ()


def share_figure(
    title: str,
    share: Interval,
    say: Words,
    *,
    count: str = "",
    target: float | None = None,
    lacking: tuple[str, ...] = (),
) -> Figure:
    """Return the figure of a share; one that cannot be had says what it lacks.

    Parameters
    ----------
    title
        What is measured.
    share
        Its value and doubt.
    say
        Words of the language.
    count
        Count and denominator, such as "19 / 25".
    target
        Share to reach, if there is one.
    lacking
        Layers without which it cannot be had.
    """
    if share.value is None or not known(share.value):
        layers = say(" and ").join(say.sentence(layer) for layer in lacking)
        told = say("lacks: {layers}", layers=layers) if lacking else ""
        return Figure(title, say("cannot tell"), lacking=told)
    return Figure(
        title,
        percent(share.value),
        doubt(share),
        count,
        say("target {share}", share=percent(target)) if target is not None else "",
        share.value,
        share.low,
        share.high,
        None if target is None else share.value >= target,
    )


def mark_swatch(look: str, text: str) -> Swatch:
    """Return the legend's sign of a mark of points."""
    return Swatch(text, "mark", style()["marks"][look])


def tag_swatch(look: str, sign: str, text: str) -> Swatch:
    """Return the legend's sign of words on the map."""
    return Swatch(text, "tag", (look, sign))
