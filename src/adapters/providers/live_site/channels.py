"""Addresses of live channels that are known for certain, so that nobody has to be asked. Pure.

Recordings and clips on the same sites are not among them: `site` plays those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from synctv.adapters.extractors.pages import page_url
from synctv.domain.errors import Invalid

_NOT_A_CHANNEL = (
    r"(?!(?:videos|directory|p|search|settings|subscriptions|wallet|downloads|jobs|turbo|categories)(?:/|$))"
)
_CHANNELS: Mapping[str, str] = {
    "www.twitch.tv": rf"/{_NOT_A_CHANNEL}\w{{2,30}}/?",
    "www.huya.com": r"/(?!l$|g$)\w{1,40}/?",
    "www.douyu.com": r"/(?:topic/\w+|\d+|[a-z]\w*)/?",
    "live.douyin.com": r"/\d+/?",
    "www.tiktok.com": r"/@[\w.]+/live/?",
    "www.kick.com": rf"/{_NOT_A_CHANNEL}[\w-]+/?",
    "chzzk.naver.com": r"/live/[0-9a-f]+/?",
    "play.sooplive.co.kr": r"/\w+(?:/\d+)?/?",
    "play.sooplive.com": r"/\w+(?:/\d+)?/?",
    "twitcasting.tv": r"/\w[\w:]*/?",
    "www.picarto.tv": r"/[\w-]+/?",
    "www.dlive.tv": r"/(?!p/)[\w.-]+/?",
}
"""Hosts as their sites write them, and the paths of their channels."""

_HOSTS = {host.removeprefix("www."): host for host in _CHANNELS}


def channel_url(text: object) -> str | None:
    """The address of a channel that the text certainly is, or None."""
    try:
        url = page_url(text)
    except Invalid:
        return None
    parts = urlsplit(url)
    host = _HOSTS.get(re.sub(r"^(?:www|m)\.", "", parts.hostname or ""))
    if host is None or parts.port is not None or not re.fullmatch(_CHANNELS[host], parts.path, re.ASCII):
        return None
    return f"https://{host}{parts.path.rstrip('/')}"
