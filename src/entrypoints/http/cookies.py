"""The refresh token of browsers: a cookie that no script reads and that goes nowhere but to the refreshing."""

from __future__ import annotations

from blacksheep import Cookie, Response
from blacksheep.cookies import CookieSameSiteMode

NAME = "synctv_refresh"
PATH = "/api/v1/auth/refresh"


def keep(response: Response, token: str, seconds: float, *, secure: bool) -> None:
    """Gives the browser the token, for so many seconds."""
    response.set_cookie(_cookie(token, int(seconds), secure=secure))


def forget(response: Response, *, secure: bool) -> None:
    """Takes the token from the browser."""
    response.set_cookie(_cookie("", 0, secure=secure))


def _cookie(value: str, seconds: int, *, secure: bool) -> Cookie:
    return Cookie(
        NAME,
        value,
        path=PATH,
        http_only=True,
        secure=secure,
        max_age=seconds,
        same_site=CookieSameSiteMode.STRICT,
    )
