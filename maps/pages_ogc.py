"""The documents of OGC API - Features as small pages, for people who follow their links."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from gis.columns import layer_title, titles
from gis.schema import SCHEMAS
from maps.assets import TOKENS
from maps.policy import content_policy
from maps.words import Lang, words

# What a link to the same in another form, or to a program's form, is called by.
TECHNICAL = ("self", "alternate")


def ogc_page(path: str, document: Mapping[str, Any], lang: Lang) -> str:
    """Return a document of OGC API - Features as HTML.

    Parameters
    ----------
    path
        Its path on the server, such as "/ogc/collections/cameras".
    document
        The document.
    lang
        Language of the page.
    """
    layer = _layer(path)
    return _template().render(
        _=words(lang),
        lang=lang,
        html_lang={"zh": "zh-CN", "en": "en"}[lang],
        assets="../" * (path.count("/") - 1) + "assets",
        tokens=TOKENS,
        policy=content_policy([]),
        title=document.get("title") or _title(path, layer, lang),
        steps=_steps(path),
        document=document,
        columns=_columns(layer, document, lang),
        links=[one for one in document.get("links", ()) if one["rel"] not in TECHNICAL],
        json=_href(document, "self"),
    )


def _layer(path: str) -> str:
    """Return the layer that a path is about, "" for none."""
    parts = path.strip("/").split("/")
    return parts[2] if len(parts) > 2 and parts[2] in SCHEMAS else ""


def _title(path: str, layer: str, lang: Lang) -> str:
    say = words(lang)
    if layer:
        title: str = getattr(layer_title(layer), lang)
        return title
    return say("Layers") if path.rstrip("/").endswith("collections") else say("Conformance")


def _steps(path: str) -> list[tuple[str, str]]:
    """Return the way from the landing page: address and name of each step."""
    parts = path.strip("/").split("/")[:4]
    return [("/" + "/".join(parts[: at + 1]), part) for at, part in enumerate(parts)]


def _columns(layer: str, document: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    """Return the columns that any feature of a document has, with their titles."""
    if not layer:
        return {}
    features = document.get("features", [document] if "properties" in document else [])
    seen = {name for feature in features for name in feature["properties"]}
    return {
        name: title.zh if lang == "zh" else title.en
        for name, title in titles(layer).items()
        if name in seen
    }


def _href(document: Mapping[str, Any], rel: str) -> str:
    """Return the address of the same for programs."""
    own = next((one["href"] for one in document.get("links", ()) if one["rel"] == rel), "")
    return f"{own}{'&' if '?' in own else '?'}f=json"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("maps"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("ogc.html")
