"""The report of a town: what its answers say, for paper and for sheets.

report_model          what a report is
report_words          its words in both languages
report_cells          how its numbers are shown
report_key, report_coverage, report_response, report_targets, report_cards, report_cameras,
report_rectification, report_notes   its sections
report_xlsx, report_docx, report_pdf   what it is written as
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.errors import FormatError
from gis.layers import Layers
from gis.write import replacing
from maps.report_cameras import cameras_section
from maps.report_cards import stations_section, villages_section
from maps.report_coverage import coverage_section, gaps_section, village_table
from maps.report_key import key_section
from maps.report_model import Lines, Report, ReportLang, Section
from maps.report_notes import notes_section
from maps.report_rectification import rectification_section
from maps.report_response import response_section
from maps.report_targets import failing_section, targets_section
from maps.report_words import told

Document = Mapping[str, Any]
ENDINGS = (".xlsx", ".docx", ".pdf")


def build_report(
    layers: Layers,
    documents: Mapping[str, Document],
    *,
    day: str,
    lang: ReportLang = "both",
    pictures: Mapping[str, bytes] | None = None,
) -> Report:
    """Return what a report says; every number is one of the documents.

    Parameters
    ----------
    layers
        The town.
    documents
        Kind of answer ("coverage", "targets", "rectification", "response") to its document;
        coverage must be there, and where another is not, its section says how to get it.
    day
        The day it is written, YYYY-MM-DD.
    lang
        "zh", "en", or "both".
    pictures
        "map_cells" and "map_sites" as PNG, those there are.
    """
    drawn = dict(pictures or {})
    coverage = documents["coverage"]
    subtitle = told("subtitle", town=layers.town, day=day, revision=coverage["revision"])
    sections = _sections(documents, list(drawn), day)
    return Report(told("title"), subtitle, day, layers.town, layers.made_up, sections, lang, drawn)


def write_report(report: Report, path: Path | str) -> Path:
    """Write a report as the ending of its file says; an earlier file stays until it is whole.

    Parameters
    ----------
    report
        What `build_report` returned.
    path
        Where to; it ends in .xlsx, .docx or .pdf.

    Raises
    ------
    FormatError
        If it ends in something else.
    FileMissingError
        If it cannot be written there.
    DependencyError
        If a PDF is wanted and the machine lacks Pango.
    """
    path = Path(path)
    ending = ending_of(path)
    with replacing(path) as place:
        if ending == ".xlsx":
            from maps.report_xlsx import write_xlsx_report

            write_xlsx_report(report, place)
        elif ending == ".docx":
            from maps.report_docx import write_docx_report

            write_docx_report(report, place)
        else:
            from maps.report_pdf import write_pdf_report

            write_pdf_report(report, place)
    return path


def ending_of(path: Path) -> str:
    """Return the ending of a report's file.

    Raises
    ------
    FormatError
        If no report ends so.

    Examples
    --------
    >>> ending_of(Path("报告.PDF"))
    '.pdf'
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        msg = f"{path}: a report is written as {', '.join(ENDINGS)}, not as {path.suffix!r}"
        raise FormatError(msg)
    return ending


def _sections(
    documents: Mapping[str, Document], pictures: list[str], day: str
) -> tuple[Section, ...]:
    coverage, targets = documents["coverage"], documents.get("targets")
    names = {v["code"]: v["name"] for v in coverage["villages"] if v["name"]}
    items, response = documents.get("rectification"), documents.get("response")
    villages = villages_section(targets, village_table(coverage))
    return (
        key_section(documents, pictures),
        *(
            (targets_section(targets), failing_section(targets, names), stations_section(targets))
            if targets is not None
            else (_absent("head_targets", "targets"),)
        ),
        villages,
        gaps_section(coverage),
        rectification_section(items, names)
        if items is not None
        else _absent("head_rectification", "rectification"),
        coverage_section(coverage, pictures),
        response_section(response, targets)
        if response is not None
        else _absent("head_response", "response"),
        cameras_section(coverage),
        notes_section(documents, day),
    )


def _absent(title: str, command: str) -> Section:
    """Return the section of an answer that is not there: how to get it."""
    line = told("no_answer", command=f"fengqiao {command}")
    return Section(told(title), (Lines((line,), sheet=told("sheet_summary")),))
