"""The cookie that a person copied from the browser. It is kept as it is: the site wants it percent-encoded."""

from __future__ import annotations

import re
from urllib.parse import unquote

from synctv.adapters.extractors.cookies import Cookie, CookieRefused, pasted_cookies

SITE = "bilibili.com"
SESSION = "SESSDATA"
_WHO = "DedeUserID"
_VALUE_ALONE = re.compile(r"[0-9A-Za-z%,*_.+/-]{16,400}")


def session_cookies(text: str) -> list[Cookie]:
    """The cookies in it, which may be the value of SESSDATA alone. Raises `CookieRefused`."""
    text = text.strip()
    cookies = pasted_cookies(f"{SESSION}={text}" if _VALUE_ALONE.fullmatch(text) else text, SITE)
    session = next((cookie for cookie in cookies if cookie.name == SESSION), None)
    if session is None or not session.value:
        raise CookieRefused("There is no SESSDATA among these cookies. Sign in on bilibili.com first, then copy again.")
    return cookies


def runs_out_at(cookies: list[Cookie]) -> int | None:
    """When the sign-in ends, in seconds since the epoch: the value says so itself (`id,epoch,check`)."""
    session = next((cookie for cookie in cookies if cookie.name == SESSION), None)
    parts = unquote(session.value).split(",") if session is not None else []
    return (
        int(parts[1]) if len(parts) > 1 and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 12 else None
    )


def label_of(cookies: list[Cookie]) -> str:
    """As whom one is signed in, as far as the cookies tell."""
    who = next((cookie.value for cookie in cookies if cookie.name == _WHO), "")
    return f"UID {who}" if who.isascii() and who.isdigit() and len(who) < 20 else SITE
