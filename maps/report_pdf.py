"""A report as PDF: A4 pages by WeasyPrint, which reads nothing but what it is given here."""

# weasyprint ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from gis.errors import DependencyError
from gis.profiles import load
from maps.report_cells import BELOW, tell
from maps.report_model import Report, ReportLang
from maps.report_paper import mark_text, on_paper

PICTURE = "picture:"
NEEDS_PANGO = (
    "a PDF needs the library Pango of the system, which cannot be loaded: install it "
    "(Debian, Ubuntu: `apt-get install libpango-1.0-0 libpangoft2-1.0-0`; Fedora: "
    "`dnf install pango`; macOS: `brew install pango`), or write .docx or .xlsx"
)
# What stands at the foot of each page; the numbers are filled in as pages are made.
PAGE_COUNTER = {
    "zh": '"第 " counter(page) " 页，共 " counter(pages) " 页"',
    "en": '"page " counter(page) " of " counter(pages)',
    "both": '"第 " counter(page) " 页，共 " counter(pages) " 页 · page " counter(page) " of " '
    "counter(pages)",
}


def write_pdf_report(report: Report, path: Path) -> None:
    """Write a report as PDF.

    Parameters
    ----------
    report
        What `maps.report.build_report` returned.
    path
        Where to.

    Raises
    ------
    DependencyError
        If the machine lacks Pango.
    """
    weasyprint = _weasyprint()
    html = weasyprint.HTML(
        string=report_html(report), url_fetcher=_pictures_only(weasyprint, report.pictures)
    )
    with _uncollected():
        html.write_pdf(str(path), optimize_images=False)


def report_html(report: Report) -> str:
    """Return the page that the PDF is made from; its pictures have addresses of our own."""
    template = _templates().get_template("report.html")
    return template.render(
        report=report,
        sections=on_paper(report),
        lang=report.lang,
        mark=mark_text(report),
        css=Markup(_css(report.lang)),
        tell=lambda said: tell(said, report.lang, BELOW),
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector from looking, again and again, at boxes that all live to the end."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("maps", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _css(lang: ReportLang) -> str:
    text = (resources.files("maps") / "templates" / "report.css").read_text(encoding="utf-8")
    fonts = ", ".join(f'"{name}"' for name in load("report")["fonts"]["pages"])
    return text.replace("PAGE_COUNTER", PAGE_COUNTER[lang]).replace("FONTS", f"{fonts}, sans-serif")


def _weasyprint() -> Any:
    """Return WeasyPrint, or raise if the system lacks what it loads."""
    try:
        import weasyprint
    except OSError as error:
        raise DependencyError(NEEDS_PANGO) from error
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return weasyprint


def _pictures_only(weasyprint: Any, pictures: dict[str, bytes]) -> Any:
    """Return a fetcher that gives the report's pictures, and raises at anything else."""
    urls: Any = weasyprint.urls
    parent: Any = urls.URLFetcher

    class Fetcher(parent):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(PICTURE)
            if url == name or name not in pictures:
                msg = f"a report reads nothing from outside: {url}"
                raise urls.FatalURLFetchingError(msg)
            return urls.URLFetcherResponse(url, pictures[name], {"Content-Type": "image/png"})

    return Fetcher()
