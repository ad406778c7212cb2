"""The content security policy of a page: only its own files, and scripts known by their hash."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable


def content_policy(scripts: Iterable[str], *, from_files: bool = False, asks: bool = False) -> str:
    """Return the policy of a page that has these inline scripts and nothing else of that kind.

    Parameters
    ----------
    scripts
        Text of each inline script, exactly as it stands between its tags.
    from_files
        True for a page that is opened from a folder, where some browsers do not take a
        neighbouring file for the page's own.
    asks
        True for a page whose scripts ask its own server.

    Examples
    --------
    >>> "script-src 'self' 'sha256-" in content_policy(["let a = 1;"])
    True
    >>> "unsafe" in content_policy([])
    False
    """
    own = "'self' file:" if from_files else "'self'"
    hashes = "".join(f" '{_hashed(script)}'" for script in scripts)
    rules = {
        "default-src": "'none'",
        "img-src": f"{own} data:",
        "style-src": own,
        "script-src": own + hashes,
        "base-uri": "'none'",
        "form-action": "'none'" if from_files else "'self'",
    }
    if asks:
        rules["connect-src"] = "'self'"
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _hashed(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
