"""The version of the installed program."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache  # whoever keeps an answer asks for it each time
def program_version() -> str:
    """Return the version, such as "0.1.0"."""
    return metadata.version("fengqiao-grid")
