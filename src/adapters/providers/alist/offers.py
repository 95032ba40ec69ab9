"""What there is of a file on an Alist server: its bytes, the cloud's other qualities, and the files beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urljoin, urlsplit

from synctv.adapters.providers.alist.account import Account
from synctv.adapters.providers.alist.answers import File, Preview
from synctv.adapters.providers.alist.expiry import expiry_of
from synctv.adapters.providers.files import type_of
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.ids import MICROS, Micros

LINK_SECONDS = 600
"""How long the address of a cloud is taken to hold when it does not say: the shortest that is known."""

_AGENTS: Mapping[str, str] = {"BaiduNetdisk": "pan.baidu.com"}
_REFERERS: Mapping[str, str] = {
    "Aliyundrive": "https://www.aliyundrive.com/",
    "AliyundriveShare": "https://www.aliyundrive.com/",
}
_QUALITIES: Mapping[str, str] = {"LD": "360p", "SD": "480p", "HD": "720p", "FHD": "1080p", "QHD": "1440p"}


def agent_of(driver: str, usual: str) -> str:
    """The `User-Agent` that this cloud insists on, else the usual one."""
    return _AGENTS.get(driver, usual)


def original(account: Account, path: str, file: File, agent: str) -> OfferedVariant | None:
    """The file itself; None where the server gives no address of it.

    It is never public: the address holds a signature of the server, or the session that somebody has with a cloud.
    """
    type_ = type_of(file.name)
    if type_ is None or not file.raw_url:
        return None
    return OfferedVariant(
        id="original",
        label="Original",
        container=type_.container,
        media=Upstream(
            at_home(account.server, path, file.raw_url),
            _headers(file.provider, agent),
            file_key(account, path, file.size, file.modified),
        ),
    )


def transcoded(account: Account, path: str, file: File, preview: Preview, agent: str) -> list[OfferedVariant]:
    """The qualities that the cloud has ready, biggest first."""
    tasks = [
        task
        for task in preview.video_preview_play_info.live_transcoding_task_list or ()
        if task.status == "finished" and task.template_id in _QUALITIES and _is_address(task.url)
    ]
    tasks = list({task.template_id: task for task in tasks}.values())
    key = file_key(account, path, file.size, file.modified)
    return [
        OfferedVariant(
            id=task.template_id.lower(),
            label=_QUALITIES[task.template_id],
            container=Container.HLS,
            media=Upstream(task.url, _headers(file.provider, agent), f"{key}#{task.template_id}"),
            width=task.template_width,
            height=task.template_height,
        )
        for task in sorted(tasks, key=lambda task: -(task.template_height or 0))
    ]


def at_home(server: str, path: str, raw_url: str) -> str:
    """The address of a file's bytes, on the server as people call it where it is one of the server's own.

    A server behind a proxy may give itself a name that only its own network knows.
    """
    url = urljoin(f"{server}/", raw_url)
    home, there = urlsplit(server), urlsplit(url)
    own = unquote(there.path).endswith(path) and "sign=" in there.query
    for door in ("/p/", "/d/", "/sd/"):
        at = there.path.find(door)
        if own and at in (0, len(home.path)):
            return f"{server}{there.path[at:]}?{there.query}"
    return url


def expires_at(urls: Iterable[str], server: str, now: Micros) -> Micros | None:
    """When the first of the addresses runs out; None when they only lead to the server, which signed them for ever."""
    return min((end for url in urls if (end := _end(url, server, now)) is not None), default=None)


def addresses(offer: Offer) -> list[str]:
    """All addresses that the offer holds."""
    files = [variant.media for variant in offer.variants if isinstance(variant.media, Upstream)]
    files += [track.upstream for track in offer.subtitles] + [track.upstream for track in offer.danmaku]
    return [upstream.url for upstream in files]


def file_key(account: Account, path: str, size: int | None, modified: str) -> str:
    """The name of this version of the file, as this account sees it."""
    return f"alist:{account.server}:{account.key}:{path}#{size}-{modified}"


def _end(url: str, server: str, now: Micros) -> Micros | None:
    told = expiry_of(url)
    if told is None and not url.startswith(f"{server}/"):
        return Micros(now + LINK_SECONDS * MICROS)
    return told


def _headers(driver: str, agent: str) -> dict[str, str]:
    headers = {"User-Agent": agent}
    if driver in _REFERERS:
        headers["Referer"] = _REFERERS[driver]
    return headers


def _is_address(url: str) -> bool:
    return url.startswith(("https://", "http://"))
