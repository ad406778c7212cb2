"""The first sheet of a template: how to fill it in, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.columns import layer_title
from gis.profiles import load
from gis.template_facts import fact_keys
from gis.template_plan import layer_fields

Formats = Mapping[str, Any]

_A4 = 9


def draw_guide(page: Any, layer: str, town: str, formats: Formats) -> None:
    """Write the sheet that tells how to fill in the others.

    Parameters
    ----------
    page
        A sheet of the workbook that is being written.
    layer
        Layer that is asked for; "facts" for facts.
    town
        Name of the town, or "".
    formats
        Formats of the workbook, by name.
    """
    words = load("template")
    title, guide = layer_title(layer), words["guide"]
    zh, en = words["guide_title"]["zh"], words["guide_title"]["en"]
    page.write_string(0, 0, f"{town}{title.zh}：{zh}", formats["title"])
    page.write_string(1, 0, f"{title.en}: {en}", formats["title"])
    purpose = guide["purpose_facts" if layer == "facts" else "purpose_layer"]
    row = 3
    for line in (purpose, *guide["how"], guide["colours"]):
        for lang, name in (("zh", title.zh), ("en", title.en)):
            told = line[lang].format(title=name, town=town or words["sheets"]["the_town"][lang])
            page.merge_range(row, 0, row, 4, told, formats["told"])
            page.set_row(row, 32)
            row += 1
    table = guide["keys" if layer == "facts" else "columns"]
    page.write_string(row + 1, 0, f"{table['zh']}  {table['en']}", formats["title"])
    heads = [f"{head['zh']}\n{head['en']}" for head in guide["table"]]
    rows = _keys_told() if layer == "facts" else _columns_told(layer)
    for number, cells in enumerate([heads, *rows], start=row + 2):
        form = formats["optional"] if number == row + 2 else formats["cell"]
        for at, cell in enumerate(cells):
            page.write_string(number, at, cell, form)
    for at, width in enumerate((24, 28, 10, 52, 52)):
        page.set_column(at, at, width)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)


def _columns_told(layer: str) -> list[list[str]]:
    told = []
    for one in layer_fields(layer):
        _, en, note_zh, note_en = one.note.split("\n")
        words = "：" + "、".join(one.words) if one.words else ""
        required = "是 yes" if one.column.required else ""
        told.append([one.head, f"{en}\n{one.name}", required, note_zh + words, note_en])
    return told


def _keys_told() -> list[list[str]]:
    told = []
    for key in fact_keys().values():
        note = f"{key.unit} {key.note_zh}".strip()
        told.append([key.zh, f"{key.en}\n{key.name}", key.clause, note, key.note_en])
    return told
