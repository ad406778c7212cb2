"""HTML to PDF for sheets and plates: nothing is read but what the page itself holds."""

from __future__ import annotations

# weasyprint ships no types.
# mypy: disable-error-code="import-untyped"
import logging
from pathlib import Path
from typing import Any

from gis.errors import DependencyError
from maps.report_pdf import NEEDS_PANGO
from maps.report_pdf import PAGE_COUNTER as PAGE_COUNTER


def write_pdf(path: Path, html: str) -> None:
    """Write a page as PDF.

    Parameters
    ----------
    path
        Where to.
    html
        The page; its pictures stand in it.

    Raises
    ------
    DependencyError
        If the machine lacks Pango.
    """
    weasyprint = _weasyprint()
    weasyprint.HTML(string=html, url_fetcher=_nothing).write_pdf(str(path))


def _nothing(url: str, *_: Any, **__: Any) -> Any:
    msg = f"a sheet reads nothing from outside: {url}"
    raise ValueError(msg)


def _weasyprint() -> Any:
    """Return WeasyPrint, or raise if the system lacks what it loads."""
    try:
        import weasyprint
    except OSError as error:
        raise DependencyError(NEEDS_PANGO) from error
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return weasyprint
