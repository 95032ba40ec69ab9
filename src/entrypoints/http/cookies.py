"""The refresh token of browsers: a cookie that no script reads and that goes nowhere but to the refreshing.

The header is written here, since the library calls every SameSite cookie Secure; browsers would then drop it where a
home server is reached by plain http.
"""

from __future__ import annotations

from blacksheep import Response

NAME = "synctv_refresh"
PATH = "/api/v1/auth/refresh"


def keep(response: Response, token: str, seconds: float, *, secure: bool) -> None:
    """Gives the browser the token, for so many seconds. A token consists of letters, digits, `_`, `-` and `.`."""
    parts = [f"{NAME}={token}", f"Path={PATH}", f"Max-Age={int(seconds)}", "HttpOnly", "SameSite=Strict"]
    if secure:
        parts.append("Secure")
    response.add_header(b"Set-Cookie", "; ".join(parts).encode())


def forget(response: Response, *, secure: bool) -> None:
    """Takes the token from the browser."""
    keep(response, "", 0, secure=secure)
