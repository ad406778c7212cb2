"""Colours, classes and marks, as data."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.profiles import load


@cache
def style() -> dict[str, Any]:
    """Return the table `data/profiles/style.toml`."""
    return load("style")


def seen_class(share: npt.ArrayLike) -> npt.NDArray[np.int8]:
    """Return the class of seen shares, 0 (unseen) to 4; -1 where a share is unknown.

    Parameters
    ----------
    share
        (n,) shares, 0 to 1, NaN = unknown.

    Examples
    --------
    >>> seen_class([0.0, 0.2, 0.21, 1.0, float("nan")]).tolist()
    [0, 0, 1, 4, -1]
    """
    shares = np.asarray(share, float)
    classes = np.searchsorted(style()["seen"]["limits"], shares, side="left")
    return np.where(np.isnan(shares), -1, classes).astype(np.int8)


def seen_labels() -> list[str]:
    r"""Return the upper edge of each class of seen shares, unseen first.

    Examples
    --------
    >>> seen_labels()
    ['20', '40', '60', '80', '100\u202f%']
    """
    return [*(f"{100 * limit:.0f}" for limit in style()["seen"]["limits"]), "100\u202f%"]


def rgb(colour: str) -> tuple[int, int, int]:
    """Return a colour such as "#0b5cad" as three numbers.

    Examples
    --------
    >>> rgb("#0b5cad")
    (11, 92, 173)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance).

    Examples
    --------
    >>> round(contrast("#ffffff", "#000000"), 1)
    21.0
    """

    def luminance(colour: str) -> float:
        parts = [part / 255 for part in rgb(colour)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def team_number(position: int) -> int:
    """Return the number of the colour of a team, by its position; colours repeat."""
    return position % len(style()["teams"]["colours"])


def team_look(position: int) -> str:
    """Return how the line of a team is drawn, by its position: colour, then dash.

    Examples
    --------
    >>> team_look(0), team_look(8), team_look(17)
    ('team_0', 'team_0_1', 'team_1_2')
    """
    again = _team_round(position)
    return f"team_{team_number(position)}{f'_{again}' if again else ''}"


def team_css(position: int) -> str:
    """Return the classes of what belongs to a team, by its position: colour, then dash.

    Examples
    --------
    >>> team_css(0), team_css(9)
    ('team-0', 'team-1 round-1')
    """
    again = _team_round(position)
    return f"team-{team_number(position)}{f' round-{again}' if again else ''}"


def team_line(position: int) -> tuple[str, float, str]:
    """Return colour, width (px) and dash of the line of a team, by its position."""
    teams = style()["teams"]
    return teams["colours"][team_number(position)], 4, teams["dashes"][_team_round(position)]


def _team_round(position: int) -> int:
    table = style()["teams"]
    return position // len(table["colours"]) % len(table["dashes"])


def css_tokens() -> str:
    """Return the style sheet that gives every token of the table its value."""
    table = style()
    marks = {**table["status"]}
    teams = table["teams"]["colours"]
    light = _properties({**table["tokens"]["light"], **marks})
    dark = _properties(table["tokens"]["dark"])
    rules = [
        f":root{{{light}}}",
        f"@media (prefers-color-scheme: dark){{:root{{{dark}}}}}",
        *(f".team-{n}{{--team:{colour}}}" for n, colour in enumerate(teams)),
        *(
            f".heat-{n}{{--heat:{colour};--ink:{ink}}}"
            for n, (colour, ink) in enumerate(
                zip(table["heat"]["colours"], table["heat"]["ink"], strict=True)
            )
        ),
    ]
    return "\n".join(rules) + "\n"


def _properties(values: dict[str, str]) -> str:
    return ";".join(f"--{name.replace('_', '-')}:{value}" for name, value in values.items())
