"""The language of a page, from what the browser asks for."""

from __future__ import annotations

from starlette.requests import Request

from maps.words import Lang
from maps.written import LANGUAGES


def best_language(accept: str) -> Lang:
    """Return the language of ours that an `Accept-Language` header prefers, else Chinese.

    Parameters
    ----------
    accept
        As RFC 9110 has it, such as "en-GB,en;q=0.9,zh;q=0.4"; what it says wrongly is passed over.

    Examples
    --------
    >>> best_language("en-GB,en;q=0.9"), best_language("en;q=0.5,zh-CN"), best_language("fr")
    ('en', 'zh', 'zh')
    """
    weights: dict[Lang, float] = dict.fromkeys(LANGUAGES, 0.0)
    for part in accept.split(","):
        tag, _, parameter = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        for language in LANGUAGES:
            if name == language:
                weights[language] = max(weights[language], _weight(parameter))
    # The first of equals: Chinese.
    return max(LANGUAGES, key=lambda language: weights[language])


def asked_language(request: Request) -> Lang | None:
    """Return the language that a request asks for, by query or header; None where by neither."""
    query = request.query_params.get("lang")
    named = next((language for language in LANGUAGES if language == query), None)
    accept = request.headers.get("accept-language")
    return named or (None if accept is None else best_language(accept))


def _weight(parameter: str) -> float:
    key, _, value = parameter.strip().partition("=")
    if not key:
        return 1.0
    try:
        weight = float(value) if key.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
