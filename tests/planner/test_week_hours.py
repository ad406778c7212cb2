from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from planner.week_hours import DAY_MIN, WEEK_MIN, slots_of, span_min, weekday_of

DAYS = {
    "zh": ["周一", "周二", "星期三", "礼拜四", "周5", "周六", "星期天"],
    "en": ["Mo", "Tue", "WED", "Thursday", "fri", "Sat", "Sun"],
}
WORK = range(5)


def day(number: int, begin: str, end: str) -> tuple[int, int]:
    """Return a slot of one day from two times of day."""
    minutes = [int(text[:2]) * 60 + int(text[3:]) for text in (begin, end)]
    return number * DAY_MIN + minutes[0], number * DAY_MIN + minutes[1]


@pytest.mark.parametrize(
    ("texts", "slots"),
    [
        (
            ["00:00-24:00", "全天", "24h", "24小时", "24/7", "每天 0点-24点", "Mo-Su",
             "08:00-08:00"],
            [(0, WEEK_MIN)],
        ),
        (
            ["20:00-06:00", "20:00 – 次日06:00", "２０：００～６：００", "20点至6点",
             "每日20:00到翌日6:00"],
            [(d * DAY_MIN + 1200, (d + 1) * DAY_MIN + 360) for d in range(7)],
        ),
        (
            ["Mon-Fri 08:00-18:00", "周一至周五 08:00-18:00", "工作日8:00—18:00", "周1–5 8时-18时",
             "weekdays 08:00 to 18:00", "星期一到五 08:00-18:00", "08:00-18:00（周一至周五）",
             "每周一二三四五 8点-18点", "mo,tu,we,th,fr 08:00:00-18:00:00"],
            [day(d, "08:00", "18:00") for d in WORK],
        ),
        (
            ["Mon-Fri 08:00-12:00,14:00-18:00", "周一至周五 08:00-12:00、14:00-18:00",
             "工作日 8点-12点 和 14点-18点"],
            [slot for d in WORK for slot in (day(d, "08:00", "12:00"), day(d, "14:00", "18:00"))],
        ),
        (
            ["Mon-Fri 08:00-18:00; Sat 09:00-12:00", "周一至周五 08:00-18:00；周六 9点-12点",
             "Mo-Fr 08:00-18:00, Sa 09:00-12:00", "工作日 8:00-18:00、周六 9:00-12:00"],
            [*(day(d, "08:00", "18:00") for d in WORK), day(5, "09:00", "12:00")],
        ),
        (
            ["周末全天", "Sat, Sun 24h", "双休日", "weekend all day", "周六日 00:00-24:00",
             "Sat 00:00 - Mon 00:00"],
            [(5 * DAY_MIN, WEEK_MIN)],
        ),
        (["周一、三、五 7点半-9点15分"], [day(d, "07:30", "09:15") for d in (0, 2, 4)]),
        (["Mo-Su 08:00-20:00; We off", "每天 8:00-20:00；周三 休息"],
         [day(d, "08:00", "20:00") for d in (0, 1, 3, 4, 5, 6)]),
        (["Sun 22:00-02:00", "周日 22:00-次日2:00", "Sun 22:00 - Mon 02:00"], [(9960, 10_200)]),
        (["Fri 18:00 - Mon 08:00", "周五 18:00 至 周一 08:00"], [(4 * DAY_MIN + 1080, 10_560)]),
        (["Fri-Mon 10:00-11:00"], [day(d, "10:00", "11:00") for d in (0, 4, 5, 6)]),
        (["08:00-次日18:00 周一"], [(480, DAY_MIN + 1080)]),
        # A slot that touches the next is one slot with it.
        (["周一 08:00-12:00、12:00-18:00"], [day(0, "08:00", "18:00")]),
    ],
)  # fmt: skip
def test_texts_that_mean_the_same_give_the_same_slots(
    texts: list[str], slots: list[tuple[int, int]]
) -> None:
    assert {text: list(slots_of(text)) for text in texts} == dict.fromkeys(texts, slots)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("早班", "nobody knows '早班'"),
        ("08:00", "'08:00' has no begin or no end beside it"),
        ("08:00-", "has no begin or no end beside it"),
        ("25:00-26:00", "25:00 is no time of day; 26:00 is no time of day"),
        ("08:61-09:00", "08:61 is no time of day"),
        ("0800-1800", "nobody knows '0800'; nobody knows '1800'"),
        ("周一 08:00-12:00 周二", "which days and times of .* put ; between rules"),
        ("08:00-12:00 周二 14:00-18:00 周三", "which days and times"),
        ("PH off", "nobody knows 'p'|nobody knows 'ph'"),
        ("周一至周末 08:00-12:00", "'至' has no begin or no end beside it"),
        ("08:00-12:00 off", "has no begin or no end beside it"),
        ("; ,", "it names no hours"),
        ("We off", "it names no hours"),
        ("早 8:00-9:00; 周一 晚 9:00; 30:00-31:00", "'早'.*'晚'.*30:00"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as raised:
        slots_of(text)
    assert str(raised.value).startswith(f"{text!r} cannot be read as duty hours: ")


def test_days_have_many_names_and_other_words_none() -> None:
    for names in DAYS.values():
        assert [weekday_of(name) for name in names] == list(range(7))
    assert [weekday_of(text) for text in ("", "Mo-Fr", "工作日", "08:00", "周八")] == [None] * 5


def test_a_window_ends_after_it_begins() -> None:
    assert span_min(" 9:00 – 24:00 ") == (540, 1440)
    assert span_min("24:30-02:00") == (1470, 1560)
    for text in ("9-10", "09:60-10:00", "25:00-26:00", "周一 09:00-10:00", ""):
        with pytest.raises(InputError, match="is not a time window such as 19:00-21:00"):
            span_min(text)


# Rules as numbers: days, and spans from a minute of the day for so many minutes; none = off.
SPANS = st.tuples(st.integers(0, DAY_MIN - 1), st.integers(1, DAY_MIN))
RULES = st.lists(
    st.tuples(
        st.sets(st.integers(0, 6), min_size=1),
        st.lists(SPANS, max_size=2),
        st.sampled_from(sorted(DAYS)),
    ),
    min_size=1,
    max_size=3,
)


def written(days: set[int], spans: list[tuple[int, int]], lang: str) -> str:
    """Return one rule as people write it."""
    if not spans:
        times = "休息" if lang == "zh" else "off"
    else:
        clocks = [(begin, (begin + length) % DAY_MIN) for begin, length in spans]
        comma = "、" if lang == "zh" else ", "
        times = comma.join(
            f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in clocks
        )
    names = ("、" if lang == "zh" else ",").join(DAYS[lang][d] for d in sorted(days))
    return f"{names} {times}"


def minute_by_minute(rules: list[tuple[set[int], list[tuple[int, int]], str]]) -> list[bool]:
    """Return who is there, asking of each minute which rule's shift it lies in."""
    there = []
    for minute in range(WEEK_MIN):
        on = False
        for number, (days, spans, _) in enumerate(rules):
            for d in days:
                taken_out = any(d in later and not none for later, none, _ in rules[number + 1 :])
                for begin, length in spans:
                    inside = (minute - d * DAY_MIN - begin) % WEEK_MIN < length
                    on = on or (inside and not taken_out)
        there.append(on)
    return there


@settings(max_examples=40, deadline=None)
@given(RULES)
def test_slots_hold_the_minutes_that_the_rules_say(
    rules: list[tuple[set[int], list[tuple[int, int]], str]],
) -> None:
    expected = np.array(minute_by_minute(rules))
    text = "；".join(written(*rule) for rule in rules)
    if not expected.any():
        with pytest.raises(InputError, match="names no hours"):
            slots_of(text)
        return
    slots = slots_of(text)
    minutes = np.arange(WEEK_MIN)
    found = [(minutes - begin) % WEEK_MIN < end - begin for begin, end in slots]
    assert np.sum(found, axis=0).tolist() == expected.astype(int).tolist()
    assert all(0 <= begin < WEEK_MIN and begin < end <= begin + WEEK_MIN for begin, end in slots)
    assert list(slots) == sorted(slots)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="周一五至-~;,、0128:点次日全天offMonSa 休（）x\n", max_size=18))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    try:
        slots = slots_of(text)
    except InputError as error:
        assert repr(text) in str(error)
    else:
        assert slots
