"""The cookies of browsers: secrets that no script reads, and that go nowhere but to where they are needed.

The header is written here, since the library calls every SameSite cookie Secure; browsers would then drop it where a
home server is reached by plain http.
"""

from __future__ import annotations

from dataclasses import dataclass

from blacksheep import Response


@dataclass(frozen=True, slots=True)
class Cookie:
    """One of them: its name, below which path browsers send it, and whether they do when another site links here."""

    name: str
    path: str
    same_site: str

    def keep(self, response: Response, secret: str, seconds: float, *, secure: bool) -> None:
        """Gives the browser a secret for so many seconds. It consists of letters, digits, `_`, `-` and `.`."""
        parts = [
            f"{self.name}={secret}",
            f"Path={self.path}",
            f"Max-Age={int(seconds)}",
            "HttpOnly",
            f"SameSite={self.same_site}",
        ]
        if secure:
            parts.append("Secure")
        response.add_header(b"Set-Cookie", "; ".join(parts).encode())

    def forget(self, response: Response, *, secure: bool) -> None:
        """Takes it from the browser."""
        self.keep(response, "", 0, secure=secure)


REFRESH = Cookie("synctv_refresh", "/api/v1/auth/refresh", "Strict")
"""The refresh token."""

AWAY = Cookie("synctv_flow", "/api/v1/auth/oauth", "Lax")
"""What a browser that was sent to an identity provider proves to be the same with. The way back is a link of another
site, with which browsers send no strict cookie."""
