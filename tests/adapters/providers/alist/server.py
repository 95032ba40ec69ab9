"""A server that speaks as Alist 3 or OpenList 4 do, with a cloud behind it at an origin of its own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from aiohttp import web

from tests.adapters.providers.listening import Answer, listening

ALICE = "8a119a191d7f34278647d21217ff550a9f6748d48a6952379405487747a840c3"  # the hash of `secret`
ADMIN_TOKEN = "alist-static-token-of-the-admin"
FOLDER_PASSWORD = "pw"
CODE = "000000"
EXPIRES = 1_767_229_200  # an hour after a test's clock starts
SIZE = 1_048_576

Json = dict[str, object]


@dataclass
class Alist:
    """The state of the server. `flavour` is `alist` or `openlist`; `seen` are calls as path, headers and body."""

    flavour: str = "openlist"
    guests: bool = True
    indexed: bool = True
    origin: str = ""
    cloud: str = ""
    answer: Answer | None = None
    tokens: dict[str, str] = field(default_factory=lambda: {ADMIN_TOKEN: "admin"})
    wrong: int = 0
    logins: int = 0
    second_factors: set[str] = field(default_factory=lambda: {"bob"})
    seen: list[tuple[str, Mapping[str, str], Json]] = field(default_factory=list)
    tree: dict[str, list[str]] = field(default_factory=lambda: {path: list(names) for path, names in TREE.items()})

    def restart(self) -> None:
        """Live tokens are in memory alone."""
        self.tokens = {ADMIN_TOKEN: "admin"}

    def calls(self, path: str) -> list[tuple[str, Mapping[str, str], Json]]:
        """What was asked at this path."""
        return [call for call in self.seen if call[0] == path]

    async def api(self, request: web.Request) -> web.Response:
        """Every call of the API."""
        body: Json = await request.json() if request.can_read_body else {}
        self.seen.append((request.path, {name.lower(): value for name, value in request.headers.items()}, body))
        await asyncio.sleep(0)
        if self.answer is not None:
            return self.answer.made()
        call = request.path.removeprefix("/api")
        if call == "/public/settings":
            return good({"version": "v4.1.0", "video_types": "mp4,mkv"})
        if call.startswith("/auth/login"):
            return self._login(call, body)
        token = request.headers.get("Authorization", "")
        if token and token not in self.tokens:
            return bad(401, "token is invalidated")
        if not token and not self.guests:
            return bad(401, "Guest user is disabled, login please")
        return self._asked(call, self.tokens.get(token, "guest"), body, request)

    def _login(self, call: str, body: Json) -> web.Response:
        if self.wrong >= 5:
            return bad(429, "Too many unsuccessful sign-in attempts have been made")
        wanted = "secret" if call.endswith("ldap") else ALICE
        name = str(body["username"])
        if name not in ("alice", "bob") or body["password"] != wanted:
            self.wrong += 1
            return bad(400 if self.flavour == "alist" else 401, "username or password is incorrect")
        if name in self.second_factors and body.get("otp_code") != CODE:
            self.wrong += 1
            return bad(402, "Invalid 2FA code")
        self.logins += 1
        token = f"token-{name}-{self.logins}"
        self.tokens[token] = name
        return good({"token": token})

    def _asked(self, call: str, name: str, body: Json, request: web.Request) -> web.Response:
        base = "/movies" if name == "bob" else "/"
        if call == "/me":
            role: object = [2] if self.flavour == "alist" else 0
            return good({"username": name, "base_path": base, "role": role, "password": "", "permission": 0})
        path = str(body.get("path") or body.get("parent"))
        if call == "/fs/search":
            return self._search()
        if path.startswith("/@s/abcd"):
            full = "/movies" + path.removeprefix("/@s/abcd")
        else:
            full = (base.rstrip("/") + path).rstrip("/") or "/"
        if full.startswith("/locked") and body.get("password") != FOLDER_PASSWORD:
            return bad(403, "password is incorrect or you have no permission")
        match call:
            case "/fs/list":
                return self._list(full, body)
            case "/fs/get":
                return self._get(full, str(request.headers["User-Agent"]))
            case _:
                return self._other(full, body)

    def _list(self, full: str, body: Json) -> web.Response:
        if body.get("refresh"):
            return bad(403, "Refresh without permission")
        if full not in self.tree:
            return bad(500, "failed get objs: failed get dir: object not found")
        names, page, size = self.tree[full], int(str(body["page"])), int(str(body["per_page"]))
        size = min(size, 500) or 200 if self.flavour == "alist" else size
        content = [self._entry(full, name) for name in names[(page - 1) * size : page * size]]
        return good({"content": content or None, "total": len(names), "readme": "", "provider": "unknown"})

    def _get(self, full: str, agent: str) -> web.Response:
        parent, _, name = full.rpartition("/")
        if full in self.tree:
            return good({"name": name, "is_dir": True, "raw_url": "", "type": 0, "related": None})
        if name not in self.tree.get(parent or "/", []):
            return bad(500, "failed get obj: object not found")
        entry = self._entry(parent, name)
        if parent == "/proxied":
            url, driver = f"http://10.0.0.5:5244/p{quote(full)}?sign={quote(signed(full))}", "Local"
        else:
            told = hashlib.sha256(agent.encode()).hexdigest()
            url, driver = f"{self.cloud}/cloud{quote(full)}?ua={told}&exp={EXPIRES}", "115 Cloud"
        driver = {"/ali": "AliyundriveOpen", "/baidu": "BaiduNetdisk"}.get(parent, driver)
        stem = name.rpartition(".")[0]
        related = [
            self._entry(parent, other) for other in self.tree[parent] if other != name and other.startswith(stem)
        ]
        return good({**entry, "raw_url": url, "provider": driver, "related": related or None})

    def _search(self) -> web.Response:
        if not self.indexed:
            return bad(404, "search not available")
        hits = [
            {"parent": "/movies", "name": "a.mkv", "is_dir": False, "size": SIZE, "type": 2},
            {"parent": "/movies", "name": "a.zh.srt", "is_dir": False, "size": 9, "type": 4},
            {"parent": "/movies", "name": "Sequels", "is_dir": True, "size": 0, "type": 1},
            {"parent": "/elsewhere/..", "name": "a.mkv", "is_dir": False, "size": 1, "type": 2},
        ]
        return good({"content": hits, "total": len(hits)})

    def _other(self, full: str, body: Json) -> web.Response:
        if not full.startswith("/ali/") or body["method"] != "video_preview":
            return bad(500, "not implement")
        tasks = [
            {"template_id": "HD", "template_width": 1280, "template_height": 720, "status": "running", "url": ""},
            {"template_id": "SD", "template_width": 854, "template_height": 480, "status": "finished",
             "url": f"{self.cloud}/transcoded/sd.m3u8?x-oss-expires={EXPIRES}"},
        ]  # fmt: skip
        return good({"video_preview_play_info": {"category": "live_transcoding", "live_transcoding_task_list": tasks}})

    def _entry(self, parent: str, name: str) -> Json:
        path = f"{parent.rstrip('/')}/{name}"
        folder = path in self.tree
        return {
            "name": name, "size": 0 if folder else SIZE, "is_dir": folder,
            "modified": "2026-01-02T03:04:05.678+08:00", "created": "0001-01-01T00:00:00Z",
            "sign": "" if folder else signed(path), "thumb": "", "type": 1 if folder else 2,
            "hashinfo": "null", "hash_info": None,
        }  # fmt: skip

    async def link(self, request: web.Request) -> web.Response:
        """`/d/…`: a signed address that leads to the cloud."""
        path = "/" + unquote(request.raw_path.partition("?")[0]).removeprefix("/d/")
        if request.query.get("sign") != signed(path):
            if self.flavour == "alist":
                return bad(401, "expire missing")
            return web.Response(status=401, text="<html>401</html>", content_type="text/html")
        told = hashlib.sha256(request.headers["User-Agent"].encode()).hexdigest()
        return web.Response(
            status=302, headers={"Location": f"{self.cloud}/cloud{quote(path)}?ua={told}&exp={EXPIRES}"}
        )

    async def stored(self, request: web.Request) -> web.Response:
        """The cloud's bytes, for who asked for the address, and for nobody's token."""
        told = hashlib.sha256(request.headers["User-Agent"].encode()).hexdigest()
        if request.query.get("ua") != told or "Authorization" in request.headers:
            return web.Response(status=403)
        body, part = request.path.encode(), request.http_range
        start, stop, _ = part.indices(len(body))
        if part.start is None:
            return web.Response(body=body)
        headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(body)}"}
        return web.Response(status=206, body=body[start:stop], headers=headers)


TREE: Mapping[str, list[str]] = {
    "/": ["movies", "empty", "locked", "big", "proxied", "ali", "baidu", "odd"],
    "/movies": ["b 10.mp4", "b 2.mp4", "a.mkv", "a.zh.srt", "a.xml", "a.nfo", "Sequels", "影片 #1?.mp4", "cover.jpg"],
    "/movies/Sequels": ["c.mp4"],
    "/empty": [],
    "/locked": ["secret.mp4"],
    "/big": [f"film {number}.mp4" for number in range(600)],
    "/proxied": ["b.mp4"],
    "/ali": ["c.mp4"],
    "/baidu": ["d.mp4"],
    "/odd": ["..", "a/b.mp4", "good.mp4", "x" * 300 + ".mp4"],
}


def signed(path: str, expires: int = 0) -> str:
    """The signature of a path, as the server makes it."""
    mac = hmac.new(b"server secret", f"{path}:{expires}".encode(), hashlib.sha256).digest()
    return f"{base64.urlsafe_b64encode(mac).decode()}:{expires}"


def good(data: object) -> web.Response:
    """An answer that went well."""
    return web.json_response({"code": 200, "message": "success", "data": data})


def bad(code: int, message: str) -> web.Response:
    """One that did not: still with status 200."""
    return web.Response(
        text=json.dumps({"code": code, "message": message, "data": None}), content_type="application/json"
    )


@asynccontextmanager
async def alist(flavour: str = "openlist") -> AsyncIterator[Alist]:
    """The server and its cloud, until the block is left."""
    state = Alist(flavour)
    application, cloud = web.Application(), web.Application()
    application.router.add_route("*", "/api/{call:.*}", state.api)
    application.router.add_get("/d/{path:.*}", state.link)
    cloud.router.add_get("/cloud/{path:.*}", state.stored)
    async with listening(application) as state.origin, listening(cloud) as state.cloud:
        yield state
