"""The page that documents the interfaces: each route, its parameters, an example and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from maps.assets import TOKENS
from maps.policy import content_policy
from maps.words import Lang, words


@dataclass(frozen=True)
class Parameter:
    """One parameter of a route.

    Parameters
    ----------
    name, where
        Its name, and where it is given: "path", "query", "header" or "body".
    type
        What it is, such as "integer, 1 to 10000" or "text".
    required
        Whether it must be given.
    about
        What it means; "" where the name says it.
    """

    name: str
    where: str
    type: str
    required: bool
    about: str


@dataclass(frozen=True)
class Route:
    """One route.

    Parameters
    ----------
    method, path
        What is asked.
    about
        What it does, in the page's language.
    role
        The least role that may; "public" = everybody.
    parameters
        What can be given.
    command
        An example, as typed into a shell.
    answer
        An example of its answer; "" where it is no text.
    kinds
        Media types of its answers.
    """

    method: str
    path: str
    about: str
    role: str
    parameters: tuple[Parameter, ...]
    command: str
    answer: str
    kinds: tuple[str, ...]

    @property
    def key(self) -> str:
        """Where it is on the page."""
        plain = self.path.translate(str.maketrans("", "", "{}.")).strip("/").replace("/", "-")
        return f"{self.method.lower()}-{plain or 'start'}"


@dataclass(frozen=True)
class Group:
    """Routes that belong together, with their title in the page's language."""

    key: str
    title: str
    routes: tuple[Route, ...]


def docs_page(groups: Sequence[Group], lang: Lang, *, town: str, version: str, base: str) -> str:
    """Return the page of documentation as HTML.

    Parameters
    ----------
    groups
        All routes, in their order.
    lang
        Language of the page.
    town, version
        Name of the town; of the program.
    base
        Address of the server, without slash at its end.
    """
    return _template().render(
        _=words(lang),
        lang=lang,
        html_lang={"zh": "zh-CN", "en": "en"}[lang],
        assets="assets",
        tokens=TOKENS,
        policy=content_policy([]),
        groups=groups,
        town=town,
        version=version,
        base=base,
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
    return environment.get_template("docs.html")
