"""Messages of a catalogue put together: split answers, repeats, gaps, and later changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from gis.camera_codes import clean_code
from gis.gb28181_xml import Message


@dataclass(frozen=True)
class Tally:
    """How whole the messages of one serial number (SN) are.

    Parameters
    ----------
    sn, device_id
        Serial number, and who sent them.
    notify
        True if they tell of changes, False if they answer a query.
    messages
        Messages read.
    expected
        Items there should be, by SumNum; None if no message says.
    items
        Different items there are.
    repeated
        Items that came again.
    gaps
        Items that are missing: expected less there are.
    """

    sn: str
    device_id: str
    notify: bool
    messages: int
    expected: int | None
    items: int
    repeated: int
    gaps: int


@dataclass(frozen=True)
class Merged:
    """What all the messages say together.

    Parameters
    ----------
    items
        Device code to its fields (tag in lower case -> text), in the order of first mention.
    tallies
        One for each serial number.
    left_out
        Items that are none of these: `code`, `name`, `reason`.
    warnings
        What else the reader must know.
    """

    items: Mapping[str, Mapping[str, str]] = field(repr=False)
    tallies: tuple[Tally, ...]
    left_out: pd.DataFrame = field(repr=False)
    warnings: tuple[str, ...] = ()


def merge(messages: Iterable[Message], status_events: Iterable[str]) -> Merged:
    """Return the catalogue after all its messages, in the order given.

    An item that comes again replaces, field by field, what was known of it. Events of a
    subscription are applied as they come: ADD and UPDATE as any item, DEL takes it out, and ON,
    OFF, VLOST, DEFECT become its status.

    Parameters
    ----------
    messages
        Answers and notifications.
    status_events
        Events that are a status.

    Examples
    --------
    >>> seen = Message("a.xml", False, "7", "p", 3, 2, ({"deviceid": "1"}, {"deviceid": "2"}))
    >>> gone = Message("b.xml", True, "8", "p", 1, 1, ({"deviceid": "1", "event": "DEL"},))
    >>> both = merge([seen, seen, gone], ["ON"])
    >>> list(both.items), both.tallies[0].repeated, both.tallies[0].gaps
    (['2'], 2, 1)
    """
    statuses = frozenset(status_events)
    items: dict[str, dict[str, str]] = {}
    left_out: list[tuple[str, str, str]] = []
    by_sn: dict[tuple[bool, str, str], list[Message]] = {}
    miscounted: list[str] = []
    for message in messages:
        by_sn.setdefault((message.notify, message.device_id, message.sn), []).append(message)
        if message.stated not in (None, len(message.items)):
            miscounted.append(f"{message.source} says {message.stated}, has {len(message.items)}")
        for item in message.items:
            reason = _apply(item, items, statuses)
            if reason is not None:
                left_out.append((item.get("deviceid", ""), item.get("name", ""), reason))
    tallies = tuple(_tally(key, group) for key, group in by_sn.items())
    short = [f"{t.gaps} of {t.expected} (SN {t.sn})" for t in tallies if t.gaps]
    warnings = [f"items are missing: {_few(short)}; ask the platform again"] if short else []
    if miscounted:
        warnings.append(f"messages with another number of items than stated: {_few(miscounted)}")
    split = [t.sn for t, group in zip(tallies, by_sn.values(), strict=True) if _totals(group) > 1]
    if split:
        warnings.append(f"messages of one SN state different totals: SN {_few(split)}")
    # What was left out once may have been listed later.
    out = [entry for entry in left_out if entry[0] not in items]
    frame = pd.DataFrame(out, columns=["code", "name", "reason"], dtype="str")
    return Merged(items, tallies, frame, tuple(warnings))


def _apply(
    item: Mapping[str, str], items: dict[str, dict[str, str]], statuses: frozenset[str]
) -> str | None:
    """Apply one item to what is known; return why it is left out, if it is."""
    code = clean_code(item.get("deviceid", ""))
    event = item.get("event", "").upper()
    if not code:
        return "item without DeviceID"
    if event == "DEL":
        known = items.pop(code, None)
        return "deleted by a notification" if known else "deleted, though never listed"
    fields = {tag: text for tag, text in item.items() if tag != "event"} | {"deviceid": code}
    if event in statuses:
        fields["status"] = event
        if code not in items and set(fields) <= {"deviceid", "status"}:
            return "only its status is known: no message lists it"
    items.setdefault(code, {}).update(fields)
    return None


def _tally(key: tuple[bool, str, str], group: list[Message]) -> Tally:
    notify, device_id, sn = key
    # Two events of one device are two items, and one event sent twice is one.
    seen = Counter(
        (item.get("deviceid", ""), item.get("event", "").upper())
        for message in group
        for item in message.items
    )
    expected = max((m.total for m in group if m.total is not None), default=None)
    gaps = 0 if expected is None else max(expected - len(seen), 0)
    repeated = seen.total() - len(seen)
    return Tally(sn, device_id, notify, len(group), expected, len(seen), repeated, gaps)


def _totals(group: list[Message]) -> int:
    return len({message.total for message in group if message.total is not None})


def _few(names: list[str], shown: int = 5) -> str:
    """Return the first names, and how many there are more."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"{', '.join(names[:shown])}{more}"
