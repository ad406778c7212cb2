"""The cordon in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.results_cordon import Cordon

# How many posts and exits are named one by one.
NAMED = 12
# Less than this share of what is open is no doubt worth a sentence.
LEAST_DOUBT = 0.01

_MODES = {
    "zh": {"foot": "步行", "ebike": "骑电动车", "car": "驾车"},
    "en": {"foot": "on foot", "ebike": "by e-bike", "car": "by car"},
}
_STATUS = {
    "zh": {"sealed": "可以合围", "partial": "只能部分封控", "impossible": "来不及封控"},
    "en": {
        "sealed": "the ring can be closed",
        "partial": "only a part can be sealed",
        "impossible": "nothing can be sealed in time",
    },
}


def clock(seconds: float, lang: str) -> str:
    """Return a time span as people say it.

    Examples
    --------
    >>> clock(130, "zh"), clock(130, "en"), clock(45, "en")
    ('2分10秒', '2 min 10 s', '45 s')
    >>> clock(300, "zh"), clock(300, "en")
    ('5分钟', '5 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes and not rest:
        return f"{minutes}分钟" if lang == "zh" else f"{minutes} min"
    if lang == "zh":
        return (f"{minutes}分" if minutes else "") + (f"{rest:02d}秒" if minutes else f"{rest}秒")
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def latest_clock(seconds: float, lang: str) -> str:
    """Return until when a post must stand as `clock` does; "" where no runner comes there.

    Examples
    --------
    >>> latest_clock(130, "en"), latest_clock(math.inf, "en")
    ('2 min 10 s', '')
    """
    return "" if math.isinf(seconds) else clock(seconds, lang)


def sentences(cordon: Cordon, lang: str) -> list[str]:
    """Return the answer as sentences, "zh" or "en": state, posts in order of time, open exits."""
    said = [_head(cordon, lang), *_doubt(cordon, lang)]
    if cordon.holders.empty and cordon.exits_total == 0:
        said.append("范围内没有出口。" if lang == "zh" else "No street leads out.")
    posts = cordon.holders.sort_values("holds_s", kind="stable")
    said += [_post(row, lang) for row in posts.head(NAMED).to_dict("records")]
    said += _more(len(posts), lang, "封控点", "posts to hold")
    said += [_open(row, lang) for row in cordon.open_exits.head(NAMED).to_dict("records")]
    said += _more(len(cordon.open_exits), lang, "未封出口", "open exits")
    return said


def _more(count: int, lang: str, zh: str, en: str) -> list[str]:
    left = count - NAMED
    if left <= 0:
        return []
    return [f"另有{left}处{zh}。" if lang == "zh" else f"And {left} more {en}."]


def _doubt(c: Cordon, lang: str) -> list[str]:
    """Return how much the best plan may close at most, where that is not proven to be this one."""
    left, share = float(c.open_exits["weight"].sum()), c.closable_share
    if c.exact or share is None or share >= 1 or left - c.open_bound < LEAST_DOUBT * left:
        return []
    most = f"{1 - c.open_bound * (1 - share) / left:.0%}".replace("%", " %")
    if lang == "zh":
        return [f"可能还有更好的方案，但按权重最多封住{most}。"]
    return [f"A better plan may exist; none closes more than {most} by weight."]


def _head(c: Cordon, lang: str) -> str:
    mode, status = _MODES[lang][c.mode], _STATUS[lang][c.status]
    closed = c.exits_total - len(c.open_exits)
    at = "" if not c.place else f"{c.place}，" if lang == "zh" else f"{c.place}: "
    share = "" if c.closable_share is None else f"{c.closable_share:.0%}".replace("%", " %")
    stand = None if c.closes_at_s is None else clock(c.closes_at_s, lang)
    since = clock(c.head_start_s, lang)
    if lang == "zh":
        moved = f"{since}前离开" if c.head_start_s else "刚刚"
        when = f"，{stand}后各点到位" if stand else ""
        exits = f"{c.exits_total}个出口封住{closed}个"
        weight = f"（按权重{share}）" if share else ""
        return f"{at}{mode}（{moved}）：{status}{when}；{exits}{weight}。"
    moved = f"{since} ago" if c.head_start_s else "now"
    when = f", all posts stand after {stand}" if stand else ""
    exits = f"{closed} of {c.exits_total} exits closed{f' ({share} by weight)' if share else ''}"
    return f"{at}{mode}, {moved}: {status}{when}; {exits}."


def _post(row: dict[Any, Any], lang: str) -> str:
    name = row["name"]
    junction = row["junction"] or row["streets"] or f"{row['lat']:.5f}, {row['lon']:.5f}"
    zh = lang == "zh"
    if row["kind"] == "checkpoint":
        return f"{name}守住{junction}。" if zh else f"Road checkpoint {name} holds {junction}."
    there, latest = clock(row["holds_s"], lang), latest_clock(row["runner_s"], lang)
    if zh:
        return f"{name}到{junction}设卡，{there}内封住{f'（最迟{latest}）' if latest else ''}。"
    by = f" (at the latest after {latest})" if latest else ""
    return f"{name} holds {junction} after {there}{by}."


def _open(row: dict[Any, Any], lang: str) -> str:
    where, seconds = row["junction"] or row["street"], row["runner_s"]
    span = clock(abs(seconds), lang)
    if lang == "zh":
        what = "未封出口（出镇）" if row["kind"] == "town" else "未封出口"
        when = f"{span}前就可能已从这里离开" if seconds < 0 else f"最早{span}后可从这里离开"
        return f"{what}：{where}，{when}。"
    what = "Open exit of the town" if row["kind"] == "town" else "Open exit"
    when = f"may have been used {span} ago" if seconds < 0 else f"can be used after {span}"
    return f"{what}: {where}, {when}."
