"""A report as a Word document: headings, tables whose heads repeat, pictures, page numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from gis.profiles import load
from maps.report_cells import BELOW, tell
from maps.report_model import Report
from maps.report_paper import (
    PaperCell,
    PaperLines,
    PaperPicture,
    PaperSection,
    PaperTable,
    mark_text,
    on_paper,
)
from maps.style import rgb

# A4 and its margins, millimetres.
SHORT_MM, LONG_MM = 210, 297
SIDE_MM, TOP_MM = 15, 18
# Twentieths of a point to a millimetre: the unit of widths in the format.
TWIPS_MM = 1440 / 25.4
# Half points: the size of letters in tables.
SMALL, NORMAL_PT = 16, 9.5
GREY = "ECEEF1"
RIGHT = frozenset({"number", "span", "part", "limit"})
# Characters that XML cannot hold.
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_docx_report(report: Report, path: Path) -> None:
    """Write a report as .docx.

    Parameters
    ----------
    report
        What `maps.report.build_report` returned.
    path
        Where to.
    """
    document: Any = docx.Document()
    _fonts(document)
    document.core_properties.title = tell(report.title, report.lang)
    document.core_properties.author = ""
    document.core_properties.comments = mark_text(report)
    _page(document.sections[0], landscape=False)
    _running(document.sections[0], report)
    document.add_heading(tell(report.title, report.lang, BELOW), 0)
    document.add_paragraph(tell(report.subtitle, report.lang, BELOW))
    if report.made_up:
        _coloured(
            document.add_paragraph(), mark_text(report), load("report")["status"]["not_met"]["ink"]
        )
    landscape = False
    for section in on_paper(report):
        if section.landscape != landscape:
            landscape = section.landscape
            _page(document.add_section(WD_SECTION.NEW_PAGE), landscape=landscape)
        _section(document, section, report)
    document.save(str(path))


def _section(document: Any, section: PaperSection, report: Report) -> None:
    document.add_heading(section.title, 1)
    width_mm = (LONG_MM if section.landscape else SHORT_MM) - 2 * SIDE_MM
    for block in section.blocks:
        if isinstance(block, PaperPicture):
            picture = io.BytesIO(report.pictures[block.name])
            document.add_picture(picture, width=Mm(width_mm))
            document.add_paragraph(_xml_text(block.caption), style="Caption")
        elif isinstance(block, PaperLines):
            _lines(document, block)
        else:
            _table(document, block, section.title, width_mm)


def _lines(document: Any, block: PaperLines) -> None:
    if block.head:
        document.add_heading(_xml_text(block.head), 2)
    for line in block.lines:
        document.add_paragraph(_xml_text(line))


def _table(document: Any, table: PaperTable, heading: str, width_mm: float) -> None:
    if table.title != heading:
        document.add_heading(_xml_text(table.title), 2)
    if not table.rows:
        document.add_paragraph(_xml_text(table.empty))
        return
    widths = [round(width_mm * TWIPS_MM * share / 100) for share in table.widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = [_row_xml(table.heads, widths, head=True)]
    rows += [_row_xml(row, widths) for row in table.rows]
    whole = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
        f"</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    # Last but the section's own properties, which end the body.
    document.element.body.insert_element_before(parse_xml(whole), "w:sectPr")
    document.add_paragraph(_xml_text(table.more))


def _row_xml(cells: Sequence[PaperCell], widths: Sequence[int], *, head: bool = False) -> str:
    repeat = "<w:tblHeader/>" if head else ""
    made = "".join(
        _cell_xml(cell, width, head=head) for cell, width in zip(cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{made}</w:tr>"


def _cell_xml(cell: PaperCell, width: int, *, head: bool) -> str:
    kinds = cell.kind.split()
    looks: dict[str, dict[str, str]] = load("report")["status"]
    status = next((looks[kind] for kind in kinds if kind in looks), {})
    ground = GREY if head else status.get("ground", "").removeprefix("#")
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{ground}"/>' if ground else ""
    side = "right" if RIGHT.intersection(kinds) else "center" if "mark" in kinds else "left"
    ink = status.get("ink", "").removeprefix("#")
    look = ("<w:b/>" if head else "") + (f'<w:color w:val="{ink}"/>' if ink else "")
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(_xml_text(line))}</w:t>'
        for line in cell.text.split("\n")
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        '<w:p><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/>'
        f'<w:jc w:val="{side}"/></w:pPr>'
        f'<w:r><w:rPr>{look}<w:sz w:val="{SMALL}"/><w:szCs w:val="{SMALL}"/></w:rPr>{lines}</w:r>'
        "</w:p></w:tc>"
    )


def _xml_text(text: str) -> str:
    return _NO_XML.sub("", text)


def _fonts(document: Any) -> None:
    """Give every style the fonts of both scripts; without it Chinese falls to any font."""
    fonts = load("report")["fonts"]
    sizes = {"Normal": NORMAL_PT, "Title": 20, "Heading 1": 15, "Heading 2": 11.5, "Caption": 8.5}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.size = Pt(size)
        style.font.name = fonts["latin"]
        if name != "Caption":
            style.font.color.rgb = RGBColor(*rgb("#1b1f24"))
        properties = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            properties.attrib.pop(qn(f"w:{theme}"), None)
        properties.set(qn("w:eastAsia"), fonts["east_asia"])
        properties.set(qn("w:hAnsi"), fonts["latin"])
    document.styles["Normal"].paragraph_format.space_after = Pt(3)
    document.styles["Heading 2"].paragraph_format.keep_with_next = True


def _page(section: Any, *, landscape: bool) -> None:
    wide, high = (LONG_MM, SHORT_MM) if landscape else (SHORT_MM, LONG_MM)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(wide), Mm(high)
    section.left_margin = section.right_margin = Mm(SIDE_MM)
    section.top_margin = section.bottom_margin = Mm(TOP_MM)


def _running(section: Any, report: Report) -> None:
    """Set what stands on every page: town, title, day and mark above, page numbers below."""
    above = section.header.paragraphs[0]
    above.add_run(f"{report.town} · {tell(report.title, report.lang)} · {report.day}")
    if report.made_up:
        _coloured(above, f" · {mark_text(report)}", load("report")["status"]["not_met"]["ink"])
    below = section.footer.paragraphs[0]
    for field, after in (("PAGE", " / "), ("NUMPAGES", "")):
        xml = f'<w:fldSimple {nsdecls("w")} w:instr="{field}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        below._p.append(parse_xml(xml))
        below.add_run(after)
    below.alignment = 1


def _coloured(paragraph: Any, text: str, colour: str) -> None:
    run = paragraph.add_run(text)
    run.bold = True
    run.font.color.rgb = RGBColor(*rgb(colour))
