"""The way in: the page of the login, and the page for those who may not see another one."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from maps.assets import TOKENS
from maps.policy import content_policy
from maps.words import Lang, words


def login_page(
    town: str, lang: Lang, *, next_path: str = "/", name: str = "", fault: str = "", assets: str
) -> str:
    """Return the page of the login, as HTML.

    Parameters
    ----------
    town, lang
        Name of the town, and the page's language.
    next_path
        Path of this server that the login leads to.
    name
        What was typed as name before.
    fault
        Why a login failed, in the page's language; "" where none has.
    assets
        Where the files are, as the page refers to it.
    """
    return _render(lang, assets, town=town, next=next_path, name=name, fault=fault, reason="")


def refused_page(
    town: str,
    lang: Lang,
    reason: str,
    *,
    user: str = "",
    role: str = "",
    csrf: str = "",
    assets: str,
) -> str:
    """Return the page that stands where another one may not be seen, as HTML.

    Parameters
    ----------
    town, lang
        Name of the town, and the page's language.
    reason
        Why not, in the page's language.
    user, role
        Who asks; "" for nobody.
    csrf
        What the button must send with which they log out.
    assets
        Where the files are, as the page refers to it.
    """
    return _render(
        lang, assets, town=town, reason=reason, user=user, role=role, csrf=csrf, fault=""
    )


def _render(lang: Lang, assets: str, **values: str) -> str:
    return _template().render(
        _=words(lang),
        lang=lang,
        html_lang={"zh": "zh-CN", "en": "en"}[lang],
        tokens=TOKENS,
        assets=assets,
        policy=content_policy([]),
        **values,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("maps"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("login.html")
