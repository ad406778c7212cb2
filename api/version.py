"""The version of the installed program."""

from __future__ import annotations

from importlib import metadata


def program_version() -> str:
    """Return the version, such as "0.1.0"."""
    return metadata.version("fengqiao-grid")
