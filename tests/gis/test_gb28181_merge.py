"""Messages put together, against a slow and obvious way to do it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gis.gb28181_merge import merge
from gis.gb28181_xml import Message

STATUSES = ("ON", "OFF", "VLOST", "DEFECT")


def message(*items: dict[str, str], notify: bool = False, sn: str = "1", **counts: int) -> Message:
    total = counts.get("total", len(items))
    return Message("a.xml", notify, sn, "p", total, counts.get("stated", len(items)), items)


@given(st.data())
def test_how_an_answer_is_split_and_repeated_does_not_matter(data):
    items = [{"deviceid": str(n), "name": f"c{n}"} for n in range(data.draw(st.integers(0, 9)))]
    at = st.integers(0, max(len(items) - 1, 0))
    sent = [*items, *(items[data.draw(at)] for _ in range(data.draw(at)) if items)]
    cuts = sorted({0, len(sent), *data.draw(st.lists(st.integers(0, len(sent))))})
    parts = [message(*sent[a:b], total=len(items) + 2) for a, b in pairwise(cuts)]
    merged = merge(parts, STATUSES)
    assert list(merged.items.values()) == (items if parts else [])
    for tally in merged.tallies:
        assert (tally.messages, tally.items) == (len(parts), len(items))
        assert (tally.repeated, tally.gaps) == (len(sent) - len(items), 2)


EVENTS = st.tuples(
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(["ADD", "UPDATE", "DEL", "", *STATUSES]),
    st.sampled_from([None, "a", "b"]),
)


@given(st.lists(EVENTS, max_size=12))
def test_events_one_after_another(events):
    known: dict[str, dict[str, str]] = {}
    for code, event, name in events:
        if event == "DEL":
            known.pop(code, None)
        elif code in known or name or event in ("ADD", "UPDATE", ""):
            row = known.setdefault(code, {"deviceid": code})
            row |= {"name": name} if name else {}
            row |= {"status": event} if event in STATUSES else {}
    sent = [
        message({"deviceid": c, "event": e} | ({"name": n} if n else {}), notify=True, sn=str(at))
        for at, (c, e, n) in enumerate(events)
    ]
    merged = merge(sent, STATUSES)
    assert merged.items == known
    assert not set(merged.left_out["code"]) & set(known)


def test_counts_that_contradict_each_other_are_warned_of():
    merged = merge(
        [message({"deviceid": "1"}, total=2, stated=3), message({"deviceid": "2"}, total=4)],
        STATUSES,
    )
    assert merged.tallies[0].expected == 4
    assert merged.warnings == (
        "items are missing: 2 of 4 (SN 1); ask the platform again",
        "messages with another number of items than stated: a.xml says 3, has 1",
        "messages of one SN state different totals: SN 1",
    )


def test_an_item_without_a_code_is_left_out():
    merged = merge([message({"name": "nobody"}, {"deviceid": " "})], STATUSES)
    assert merged.left_out["reason"].tolist() == ["item without DeviceID"] * 2
    assert not merged.items


def test_without_a_total_nothing_is_known_to_be_missing():
    answer = Message("a.xml", False, "1", "p", None, None, ({"deviceid": "1"},))
    tally = merge([answer], STATUSES).tallies[0]
    assert (tally.expected, tally.items, tally.gaps) == (None, 1, 0)
