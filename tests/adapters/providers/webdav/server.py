"""A WebDAV server with the ways of many products, and a store of another origin behind it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from aiohttp import web

from tests.adapters.providers.listening import Answer, listening

NAME, PASSWORD = "anna@example.test", "app-password-1"
SIZE = 1_048_576
NONCES = ("nonce-1", "nonce-2")

TREE: Mapping[str, list[str]] = {
    "/": ["Movies", "Empty", "Forbidden", "100%", "stray.mp4"],
    "/Movies": ["b 10.mp4", "b 2.mp4", "影片 #1?.mkv", "a.mkv", "a.zh.srt", "a.xml", "notes.txt", "Sub", ".hidden.mp4"],
    "/Movies/Sub": ["100% c++ & d;e.mp4"],
    "/Empty": [],
    "/Forbidden": ["f.mp4"],
    "/100%": ["%41.mp4", "%2F.mp4"],
    "/Big": [f"film {number}.mp4" for number in range(5_000)],
}


@dataclass
class Dav:
    """The server. `style` is how it writes its answers, `asks` the ways it names to prove who one is, `proof` the name
    and password that it takes. One of `links` knows nothing but what lies below its prefix."""

    style: str = "plain"
    prefix: str = ""
    asks: tuple[str, ...] = ("Basic",)
    bare: bool = False
    lends: bool = False
    proof: str = f"{NAME}:{PASSWORD}"
    answer: Answer | None = None
    links: bool = False
    origin: str = ""
    store: str = ""
    nonce: int = 0
    used: set[tuple[str, str]] = field(default_factory=set)
    seen: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)

    def calls(self, method: str) -> list[tuple[str, str, Mapping[str, str], bytes]]:
        """The requests with this method: method, path, headers, body."""
        return [call for call in self.seen if call[0] == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Every request."""
        body = await request.read()
        raw = request.raw_path.partition("?")[0]
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append((request.method, raw, headers, body))
        if self.answer is not None:
            return self.answer.made()
        if self.links and not raw.startswith(self.prefix):
            return web.Response(status=404, text="<html>Path not found</html>", content_type="text/html")
        if not self._proved(request.method, request.raw_path, headers.get("authorization", "")):
            return self._challenge()
        return await self._answered(request, raw, headers, body)

    async def _answered(
        self, request: web.Request, raw: str, headers: Mapping[str, str], body: bytes
    ) -> web.StreamResponse:
        if raw == "/ocs/v2.php/cloud/user":
            return web.json_response({"ocs": {"meta": {"status": "ok", "statuscode": 200}, "data": {"id": "u-7"}}})
        if request.method == "SEARCH":
            return self._search(body.decode())
        if raw != self.prefix and not raw.startswith(f"{self.prefix}/"):
            return web.Response(status=404)
        path = unquote(raw.removeprefix(self.prefix)).rstrip("/") or "/"
        if path == "/Forbidden":
            return web.Response(status=403)
        if request.method == "PROPFIND":
            return self._propfind(path, raw, headers, body)
        return await self._get(path, request)

    # --- Who asks ------------------------------------------------------------------------------------------------

    def _proved(self, method: str, uri: str, told: str) -> bool:
        if not self.asks:
            return True
        if told.startswith("Basic ") and "Basic" in self.asks:
            return base64.b64decode(told[6:]).decode() == self.proof
        return (
            told.startswith("Digest ")
            and any(way.startswith("Digest") for way in self.asks)
            and self._digest(method, uri, dict(re.findall(r'(\w+)="?([^",]*)"?', told)))
        )

    def _digest(self, method: str, uri: str, told: Mapping[str, str]) -> bool:
        hashed = hashlib.sha256 if told["algorithm"] == "SHA-256" else hashlib.md5
        fresh = (told["nonce"], told["nc"]) not in self.used or method == "GET"
        self.used.add((told["nonce"], told["nc"]))

        def h(text: str) -> str:
            return hashed(text.encode()).hexdigest()

        a1, a2 = h(f"{told['username']}:nas:{PASSWORD}"), h(f"{method}:{told['uri']}")
        wanted = h(f"{a1}:{told['nonce']}:{told['nc']}:{told['cnonce']}:auth:{a2}")
        right = told["username"] == NAME and told["uri"] == uri and told["response"] == wanted
        return right and fresh and told["nonce"] == NONCES[self.nonce]

    def _challenge(self) -> web.Response:
        response = web.Response(status=401, text="<html>no</html>", content_type="text/html")
        for way in self.asks:
            nonce = f', qop="auth,auth-int", nonce="{NONCES[self.nonce]}"' if way.startswith("Digest") else ""
            response.headers.add("WWW-Authenticate", f'{way}{"," if " " in way else ""} realm="nas"{nonce}')
        return response

    # --- What is there -------------------------------------------------------------------------------------------

    def _propfind(self, path: str, raw: str, headers: Mapping[str, str], body: bytes) -> web.Response:
        if self.bare and body:
            return web.Response(status=400)
        if headers.get("depth") not in ("0", "1"):
            return web.Response(status=403)
        parent, _, name = path.rpartition("/")
        folder = path in TREE
        if not folder and name not in TREE.get(parent or "/", []):
            return web.Response(status=404, text="<html>", content_type="text/html")
        if self.style == "apache" and folder and not raw.endswith("/"):
            return web.Response(status=301, headers={"Location": f"{raw}/"})
        paths = [path]
        if folder and headers["depth"] == "1":
            paths += [f"{path.rstrip('/')}/{child}" for child in TREE[path]]
        if self.style == "absolute":
            paths = paths[1:] + paths[:1]
        return self._multistatus("".join(self._response(one) for one in paths))

    def _multistatus(self, responses: str) -> web.Response:
        text = f'<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">{responses}</D:multistatus>'
        return web.Response(status=207, text=text, content_type="application/xml")

    def _response(self, path: str) -> str:
        folder = path in TREE
        kind = "<D:resourcetype><D:collection/></D:resourcetype>" if folder else "<D:resourcetype/>"
        if self.style == "apache":
            kind = kind.replace("<D:resourcetype", '<lp1:resourcetype xmlns:lp1="DAV:"').replace("</D:r", "</lp1:r")
        length = "" if folder else f"<D:getcontentlength>{SIZE}</D:getcontentlength>"
        etag = "" if folder else f'<D:getetag>"e-{len(path)}"</D:getetag>'
        modified = "<D:getlastmodified>Fri, 02 Jan 2026 03:04:05 GMT</D:getlastmodified>"
        return (
            f"<D:response><D:href>{self._href(path, folder=folder)}</D:href><D:propstat><D:prop>{kind}{length}{etag}"
            f"{modified}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat><D:prop>"
            "<D:quota><D:collection/></D:quota></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"
            "</D:response>"
        )

    def _href(self, path: str, *, folder: bool) -> str:
        slash = "/" if folder and path != "/" and self.style != "apache" else ""
        if self.style == "absolute":  # an internal name, and raw characters
            return f"http://10.0.0.5:8080/inner{self.prefix}{path.replace('%', '%25').replace('&', '&amp;')}{slash}"
        escaped = quote(self.prefix + path)
        if self.style == "apache":
            escaped = re.sub(r"%..", lambda found: found[0].lower(), escaped)
        return escaped + slash

    def _search(self, body: str) -> web.Response:
        (words,) = re.findall(r"<d:literal>%(.*)%</d:literal>", body)
        (scope,) = re.findall(r"<d:href>/files/u-7(.*?)</d:href>", body)
        (count,), (first,) = re.findall(r"nresults>(\d+)<", body), re.findall(r"firstresult>(\d+)<", body)
        words = words.replace("\\%", "%").replace("\\_", "_").replace("&amp;", "&")
        everything = [f"{parent.rstrip('/')}/{name}" for parent in TREE for name in TREE[parent] if parent != "/Big"]
        hits = [path for path in everything if words in path.rpartition("/")[2] and path.startswith(scope)]
        return self._multistatus("".join(self._response(path) for path in hits[int(first) : int(first) + int(count)]))

    async def _get(self, path: str, request: web.Request) -> web.Response:
        if self.lends:
            return web.Response(status=302, headers={"Location": f"{self.store}/stored{quote(path)}"})
        return web.Response(body=path.encode())

    async def stored(self, request: web.Request) -> web.Response:
        """The store: it takes signed addresses, and no other proof beside them."""
        if "Authorization" in request.headers:
            return web.Response(status=400)
        return web.Response(body=request.path.encode())


@asynccontextmanager
async def dav(**ways: object) -> AsyncIterator[Dav]:
    """The server and its store, until the block is left."""
    state = Dav(**ways)  # type: ignore[arg-type]
    application, store = web.Application(), web.Application()
    application.router.add_route("*", "/{path:.*}", state.handle)
    store.router.add_get("/stored/{path:.*}", state.stored)
    async with listening(application) as state.origin, listening(store) as state.store:
        yield state


PRODUCTS: Mapping[str, Mapping[str, object]] = {
    "nextcloud": {"prefix": "/remote.php/dav/files/u-7"},
    "owncloud": {"prefix": "/remote.php/dav/files/u-7", "style": "absolute"},
    "seafile": {"prefix": "/seafdav"},
    "synology": {"style": "apache"},
    "qnap": {"style": "apache"},
    "truenas": {"style": "apache", "asks": ("Digest algorithm=MD5",)},
    "fnos": {"bare": True},
    "cloudreve": {"prefix": "/dav", "lends": True},
    "password": {
        "style": "absolute",
        "asks": ("Negotiate", "Digest algorithm=SHA-256", "Digest algorithm=MD5", "Basic"),
    },
}
"""How the servers of these products behave."""
