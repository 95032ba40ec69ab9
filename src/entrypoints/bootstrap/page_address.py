"""Where people reach the page."""

from __future__ import annotations

from synctv.entrypoints.bootstrap.settings import Settings

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound


class PageAddress:
    """The address at which a person opens the page: on this machine, or from anywhere if one is configured.

    A port that the machine chooses is known when it is bound.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._port = settings.http.port

    def bound(self, port: int) -> None:
        """Notes the port that the page is served on."""
        self._port = port

    def url(self) -> str:
        """The address, without a slash at its end."""
        http = self._settings.http
        if http.public_url is not None:
            return str(http.public_url).rstrip("/")
        host = "localhost" if http.host in EVERYWHERE else http.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"
