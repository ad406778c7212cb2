"""How functions are compiled that make no array."""

from __future__ import annotations

from typing import Any

from numba import njit

# Numba counts who holds an array whenever one is handed over. Where functions are called a million
# times a second and make no array, that is most of their time: without it a search of tours makes
# five times as many moves. A function that does make one is refused when it is compiled.
OPTIONS: dict[str, Any] = {"cache": True, "_nrt": False}
uncounted = njit(**OPTIONS)
