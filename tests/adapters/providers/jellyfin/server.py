"""A server that speaks as Emby 4.8, Jellyfin 10.11 or Jellyfin 12 do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from aiohttp import web

from tests.adapters.providers.listening import Answer, listening

NAME, PASSWORD, API_KEY = "Ulla", "pass-word", "api-key-of-the-admin"
USER = "u1"
BYTES = bytes(range(256)) * 8
FLAVOURS = ("emby48", "jf1011", "jf12")

Json = dict[str, object]


def stream(index: int, kind: str, codec: str, **more: object) -> Json:
    """A stream of a file."""
    return {"Index": index, "Type": kind, "Codec": codec, **more}


H264 = stream(0, "Video", "h264", Profile="High", Level=41, Width=1920, Height=1080)
HEVC = stream(0, "Video", "hevc", Profile="Main 10", Level=150, BitDepth=10, Width=3840, Height=2160)
AAC = stream(1, "Audio", "aac", Language="jpn", DisplayTitle="Japanese AAC", IsDefault=True)
AC3 = stream(2, "Audio", "ac3", Language="eng", DisplayTitle="English AC3")
SRT = stream(
    3, "Subtitle", "subrip", Language="eng", DisplayTitle="English", IsTextSubtitleStream=True, IsExternal=True
)
ASS = stream(4, "Subtitle", "ass", Language="chi", Title="中文", IsTextSubtitleStream=True, IsDefault=True)
PGS = stream(5, "Subtitle", "PGSSUB", Language="ger", IsTextSubtitleStream=False)


def source(id_: str, container: str, *streams: Json, **more: object) -> Json:
    """A version of an item."""
    return {
        "Id": id_, "Container": container, "Size": 2_100_000_000, "Bitrate": 8_000_000, "ETag": f"etag-{id_}",
        "Name": f"Version {id_}", "Path": "/srv/private/films/x.mkv", "Protocol": "File", "SupportsTranscoding": True,
        "SupportsDirectPlay": False, "DefaultAudioStreamIndex": 1, "MediaStreams": list(streams), **more,
    }  # fmt: skip


MINUTES_90 = 54_000_000_000
ITEMS: dict[str, Json] = {
    "lib1": {"Name": "Films", "Type": "CollectionFolder", "IsFolder": True, "CollectionType": "movies"},
    "lib2": {"Name": "Shows", "Type": "CollectionFolder", "IsFolder": True},
    "lib3": {"Name": "TV", "Type": "UserView", "IsFolder": True, "CollectionType": "livetv"},
    "m1": {"Name": "Easy", "Type": "Movie", "MediaType": "Video", "ProductionYear": 1999, "RunTimeTicks": MINUTES_90,
           "MediaSources": [source("m1", "mov,mp4,m4a", H264, AAC)],
           "Chapters": [{"StartPositionTicks": 0, "Name": "One"}, {"StartPositionTicks": 600_000_000, "Name": "Two"}],
           "ImageTags": {"Primary": "tag"}},
    "m2": {"Name": "Hard", "Type": "Movie", "MediaType": "Video", "RunTimeTicks": MINUTES_90,
           "MediaSources": [source("m2", "mkv", HEVC, AAC, AC3, SRT, ASS, PGS), source("m2b", "avi", H264, AAC)]},
    "m3": {"Name": "Forbidden", "Type": "Movie", "MediaType": "Video"},
    "s1": {"Name": "Series", "Type": "Series", "IsFolder": True},
    "s1a": {"Name": "Season 1", "Type": "Season", "IsFolder": True, "IndexNumber": 1},
    "e3": {"Name": "Missing", "Type": "Episode", "MediaType": "Video", "LocationType": "Virtual",
           "SeriesName": "Series", "ParentIndexNumber": 1, "IndexNumber": 3},
    "a1": {"Name": "Song", "Type": "Audio", "MediaType": "Audio", "Artists": ["Band"], "RunTimeTicks": 1_800_000_000,
           "MediaSources": [source("a1", "flac", stream(0, "Audio", "flac"), SupportsDirectPlay=True)]},
    "a2": {"Name": "Odd", "Type": "Audio", "MediaType": "Audio",
           "MediaSources": [source("a2", "wma", stream(0, "Audio", "wmav2"))]},
    "p1": {"Name": "List", "Type": "Playlist", "IsFolder": True},
    "photo": {"Name": "Photo", "Type": "Photo", "MediaType": "Photo"},
}  # fmt: skip
for _number in (1, 2):
    ITEMS[f"e{_number}"] = {
        "Name": f"Part {_number}", "Type": "Episode", "MediaType": "Video", "SeriesName": "Series",
        "ParentIndexNumber": 1, "IndexNumber": _number, "RunTimeTicks": 15_000_000_000,
    }  # fmt: skip
for _number in range(25):
    ITEMS[f"x{_number}"] = {"Name": f"Film {_number:02d}", "Type": "Movie", "MediaType": "Video"}
CHILDREN: Mapping[str, list[str]] = {
    "lib1": [*(f"x{number}" for number in range(25)), "m1", "m2", "m3", "photo"],
    "lib2": ["s1"],
    "lib3": [],
    "s1": ["s1a"],
    "s1a": ["e1", "e2", "e3"],
    "p1": ["e2", "m1"],
}


@dataclass
class Jellyfin:
    """The server. `reports` are what was told, as path, query and body; `leaks` tells that a token stood in a URL.

    `ended` are the playings whose transcodings were stopped. `codes` are the secrets of Quick Connect by code, None
    where it is switched off, and `confirmed` those that somebody entered; servers of `old` are asked for one by GET.
    """

    flavour: str
    origin: str = ""
    root: str = ""
    answer: Answer | None = None
    legacy: bool = True
    transcodes: bool = True
    leaks: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=lambda: {API_KEY: ""})
    reports: list[tuple[str, Mapping[str, str], Json]] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)
    sessions: int = 0
    ended: set[str] = field(default_factory=set)
    codes: dict[str, str] | None = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    old: bool = False

    @property
    def address(self) -> str:
        """Where its API begins."""
        return self.origin + self.root

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Every request."""
        path = request.path
        if path.startswith("/emby/") and self.flavour != "jf12" and self.root != "/emby":
            path = path.removeprefix("/emby")
        elif self.root and not path.startswith(f"{self.root}/"):
            return web.Response(status=404)
        path = path.removeprefix(self.root)
        if self.answer is not None:
            return self.answer.made()
        if path == "/System/Info/Public":
            return self._public()
        if {"api_key", "apikey"} & {name.lower() for name in request.query}:
            self.leaks.append(str(request.rel_url))
        return await self._asked(request, path)

    async def _asked(self, request: web.Request, path: str) -> web.StreamResponse:
        body: Json = await request.json() if request.can_read_body else {}
        if path == "/Users/AuthenticateByName":
            return self._login(request, body)
        if "QuickConnect" in path and self.flavour != "emby48":
            return self._quick_connect(request, path, body)
        if self._token(request) not in self.tokens:
            return web.Response(status=401, text="Error processing request.")
        return await self._answer(request, path, body)

    def _public(self) -> web.Response:
        told = {"ServerName": "F", "Version": "4.8.11.0", "Id": "s1"}
        if self.flavour != "emby48":
            told |= {"ProductName": "Jellyfin Server", "Version": "12.0.0"}
        return web.json_response(told)

    def _client(self, request: web.Request) -> dict[str, str]:
        """What the header says that this flavour takes."""
        told = request.headers.get("Authorization", "")
        if not told.startswith("MediaBrowser ") or self.flavour == "emby48":
            told = request.headers.get("X-Emby-Authorization", "") if self.flavour == "emby48" else ""
        return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', told)}

    def _token(self, request: web.Request) -> str:
        if self.flavour == "emby48":
            return request.headers.get("X-Emby-Token", "")
        return self._client(request).get("Token", "")

    def _login(self, request: web.Request, body: Json) -> web.Response:
        client = self._client(request)
        if not {"Client", "Device", "DeviceId", "Version"} <= set(client):
            return web.Response(status=400, text="Error processing request.")
        if (body["Username"], body["Pw"]) != (NAME, PASSWORD):
            return web.Response(status=401, text="Error processing request.")
        return self._let_in(client)

    def _quick_connect(self, request: web.Request, path: str, body: Json) -> web.Response:
        client = self._client(request)
        if not {"Client", "Device", "DeviceId", "Version"} <= set(client):
            return web.Response(status=400, text="Error processing request.")
        if self.codes is None:
            return web.Response(status=401, text="Quick connect is disabled")
        if path == "/QuickConnect/Initiate":
            if request.method != ("GET" if self.old else "POST"):
                return web.Response(status=405)
            code = str(123_456 + len(self.codes))
            self.codes[code] = f"secret of {client['DeviceId']}"
            return web.json_response({"Secret": self.codes[code], "Code": code, "Authenticated": False})
        secret = request.query.get("secret") or body.get("Secret")
        code = next((code for code, known in self.codes.items() if known == secret), "")
        if not code:
            return web.Response(status=404, text="Unknown secret")
        if path == "/QuickConnect/Connect":
            return web.json_response({"Secret": secret, "Code": code, "Authenticated": code in self.confirmed})
        if code not in self.confirmed:
            return web.Response(status=401, text="Error processing request.")
        del self.codes[code]
        return self._let_in(client)

    def _let_in(self, client: Mapping[str, str]) -> web.Response:
        token = f"tok-{client['DeviceId'][:8]}"
        self.tokens[token] = client["DeviceId"]
        user = {"Id": USER, "Name": NAME, "ServerId": "s1", "HasPassword": True, "Policy": {}}
        return web.json_response({"User": user, "SessionInfo": {"Id": "1"}, "AccessToken": token, "ServerId": "s1"})

    async def _answer(self, request: web.Request, path: str, body: Json) -> web.StreamResponse:
        if path.startswith("/Sessions/") or path == "/Videos/ActiveEncodings":
            return self._told(path, request.query, body)
        if path == "/Users":
            return web.json_response([{"Id": "u0", "Name": "root"}, {"Id": USER, "Name": NAME}])
        if path == f"/Users/{USER}":
            return web.json_response({"Id": USER, "Name": NAME})
        if found := re.fullmatch(rf"/Users/{USER}/Items/(\w+)", path):
            return self._item(found[1])
        if found := re.fullmatch(r"/Items/(\w+)/Ancestors", path):
            return self._ancestors(found[1])
        if found := re.fullmatch(r"/Items/(\w+)/PlaybackInfo", path):
            return self._playback(found[1], body, request)
        if path in (f"/Users/{USER}/Views", f"/Users/{USER}/Items") or path.startswith("/Playlists/"):
            return self._items(path, request.query)
        return self._bytes(request, path)

    def _told(self, path: str, query: Mapping[str, str], body: Json) -> web.Response:
        self.reports.append((path, dict(query), body))
        if path.endswith(("/Stopped", "/ActiveEncodings")):
            self.ended.add(str(body.get("PlaySessionId") or query.get("PlaySessionId")))
        return web.Response(status=204)

    def _item(self, id_: str) -> web.Response:
        return web.json_response({"Id": id_, **ITEMS[id_]}) if id_ in ITEMS else web.Response(status=404, text="no")

    def _ancestors(self, id_: str) -> web.Response:
        found, here = [], id_
        while parent := next((one for one, children in CHILDREN.items() if here in children and one != "p1"), None):
            found.append({"Id": parent, **ITEMS[parent]})
            here = parent
        disk = [{"Id": "disk", "Name": "films on disk", "Type": "Folder", "IsFolder": True}]
        top = [{"Id": "root", "Name": "Media Folders", "Type": "UserRootFolder", "IsFolder": True}]
        return web.json_response([*found[:-1], *(disk if found else []), *found[-1:], *top])

    def _items(self, path: str, query: Mapping[str, str]) -> web.Response:
        if path.endswith("/Views"):
            ids = ["lib1", "lib2", "lib3"]
        elif path.startswith("/Playlists/"):
            ids = CHILDREN[path.split("/")[2]]
        else:
            ids = self._below(query)
        start, limit = int(query.get("StartIndex", 0)), int(query.get("Limit", 10_000))
        page = [{"Id": id_, **ITEMS[id_]} for id_ in ids[start : start + limit]]
        return web.json_response({"Items": page, "TotalRecordCount": len(ids), "StartIndex": start})

    def _below(self, query: Mapping[str, str]) -> list[str]:
        parent = query.get("ParentId", "")
        if query.get("Recursive") != "true":
            return CHILDREN.get(parent, list(ITEMS))  # everything, for a folder that does not exist
        ids, ahead = list[str](), [parent] if parent else ["lib1", "lib2"]
        while ahead:
            for child in CHILDREN.get(ahead.pop(0), []):
                ids.append(child)
                ahead.append(child)
        kinds = query.get("IncludeItemTypes", "").split(",")
        words = query.get("SearchTerm", "").lower()
        return [id_ for id_ in ids if ITEMS[id_]["Type"] in kinds and words in str(ITEMS[id_]["Name"]).lower()]

    def _playback(self, id_: str, body: Json, request: web.Request) -> web.Response:
        self.asked.append(body)
        if id_ == "m3" or id_ not in ITEMS:
            return web.json_response({"MediaSources": [], "ErrorCode": "NotAllowed"})
        self.sessions += 1
        session = f"play-{self.sessions}"
        made = []
        for known in ITEMS[id_].get("MediaSources", [source(id_, "mp4", H264, AAC)]):  # type: ignore[attr-defined]
            one = dict(known)
            direct = str(body["DeviceProfile"])
            fits = body.get("EnableDirectPlay", True) and (one["Container"] != "mkv" or "hevc" in direct)
            one["SupportsDirectPlay"] = bool(fits) and one["Container"] not in ("avi", "wma")
            if not one["SupportsDirectPlay"] and self.transcodes and one["Id"] == body.get("MediaSourceId", one["Id"]):
                one |= self._transcoding(id_, one, body, session, self._token(request))
            one["SupportsTranscoding"] = self.transcodes
            made.append(one)
        return web.json_response({"MediaSources": made, "PlaySessionId": session})

    def _transcoding(self, id_: str, one: Json, body: Json, session: str, token: str) -> Json:
        name = "ApiKey" if self.flavour == "jf12" else "api_key"
        if ITEMS[id_]["Type"] == "Audio":
            url = f"/audio/{id_}/stream.mp3?MediaSourceId={one['Id']}&{name}={token}"
            return {"TranscodingUrl": url, "TranscodingContainer": "mp3", "TranscodingSubProtocol": "http"}
        query = f"MediaSourceId={one['Id']}&PlaySessionId={session}&AudioStreamIndex={body.get('AudioStreamIndex', '')}"
        query += f"&VideoBitrate={body['MaxStreamingBitrate']}&TranscodeReasons={quote('A, B')}&{name}={token}"
        url = f"/videos/{id_}/master.m3u8?{query}"
        return {"TranscodingUrl": url, "TranscodingContainer": "ts", "TranscodingSubProtocol": "hls"}

    def _bytes(self, request: web.Request, path: str) -> web.StreamResponse:
        if re.fullmatch(r"/(Videos|Audio)/\w+/stream", path) and request.query.get("static") == "true":
            start, stop, _ = request.http_range.indices(len(BYTES))
            part = request.http_range.start is not None
            headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(BYTES)}"} if part else {}
            return web.Response(status=206 if part else 200, body=BYTES[start:stop], headers=headers)
        if path.endswith("/master.m3u8"):
            if request.query["PlaySessionId"] in self.ended:
                return web.Response(status=404, text="no")
            inner = f"main.m3u8?{request.query_string}"
            return web.Response(text=f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{inner}\n")
        if found := re.fullmatch(r"/Videos/\w+/\w+/Subtitles/(\d+)/Stream\.(vtt|ass)", path):
            return web.Response(status=400 if found[1] == "5" else 200, text=f"{found[2]} {found[1]}")
        return web.Response(text=path) if path.startswith("/audio/") else web.Response(status=404, text="no")


@asynccontextmanager
async def jellyfin(flavour: str = "jf12", root: str = "") -> AsyncIterator[Jellyfin]:
    """The server, until the block is left."""
    state = Jellyfin(flavour, root=root)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", state.handle)
    async with listening(application) as state.origin:
        yield state
