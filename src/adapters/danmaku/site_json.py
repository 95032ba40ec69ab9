"""Danmaku in JSON: Dandanplay's, AcFun's, and the lines of a YouTube chat."""

from __future__ import annotations

import json
from collections.abc import Iterator

from synctv.domain.delivery.danmaku import WHITE, Comment, comment, from_fields

_SCROLL = 1
_OWNER, _MODERATOR = 0xFFD600, 0x5E84F1
_MOST_LINES = 500_000


def read_json(text: str) -> Iterator[Comment] | None:
    """The comments; None when it is JSON of no kind that is known."""
    first = _parsed(text.partition("\n")[0])
    if isinstance(first, dict) and ("replayChatItemAction" in first or "addChatItemAction" in first):
        return _youtube(text)
    document = first if first is not None else _parsed(text)
    if isinstance(document, dict) and isinstance(document.get("comments"), list):
        return _dandanplay(document["comments"])
    return _acfun(document) if isinstance(document, list) else None


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _dandanplay(items: list[object]) -> Iterator[Comment]:
    """`p` is seconds, mode, color, and who wrote it."""
    for item in items:
        fields, text = _strings(item, "p", "m")
        time, mode, color, *_ = [*fields.split(","), "", "", ""]
        found = from_fields([time, mode, "25", color], text)
        if found is not None:
            yield found


def _acfun(lists: list[object]) -> Iterator[Comment]:
    """`c` is seconds, color, mode, size, and who wrote it when."""
    for items in lists:
        for item in items if isinstance(items, list) else []:
            fields, text = _strings(item, "c", "m")
            time, color, mode, size, *_ = [*fields.split(","), "", "", "", ""]
            found = from_fields([time, mode, size, color], text)
            if found is not None:
                yield found


def _strings(item: object, *names: str) -> list[str]:
    values = [item.get(name) for name in names] if isinstance(item, dict) else [None] * len(names)
    return [value if isinstance(value, str) else "" for value in values]


def _youtube(text: str) -> Iterator[Comment]:
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        action = _inside(_parsed(line), "replayChatItemAction")
        try:
            time = float(str(_inside(action, "videoOffsetTimeMsec"))) / 1_000
        except ValueError:
            continue
        actions = _inside(action, "actions")
        for each in actions if isinstance(actions, list) else []:
            item = _inside(each, "addChatItemAction", "item")
            renderer = _inside(item, "liveChatTextMessageRenderer") or _inside(item, "liveChatPaidMessageRenderer")
            found = comment(time, _SCROLL, _color(renderer), "".join(_runs(renderer)))
            if found is not None and time >= 0:  # before the film began people wait, all at one moment
                yield found


def _runs(renderer: object) -> Iterator[str]:
    """The text of a message; an emoji of the site's own is told by its short name."""
    runs = _inside(renderer, "message", "runs")
    for run in runs if isinstance(runs, list) else []:
        text, emoji = _inside(run, "text"), _inside(run, "emoji")
        shortcuts = _inside(emoji, "shortcuts")
        if isinstance(text, str):
            yield text
        elif _inside(emoji, "isCustomEmoji") and isinstance(shortcuts, list) and shortcuts:
            yield str(shortcuts[0])
        elif isinstance(emoji, dict):
            yield str(emoji.get("emojiId", ""))


def _color(renderer: object) -> int:
    badges = _inside(renderer, "authorBadges")
    icons = {
        _inside(badge, "liveChatAuthorBadgeRenderer", "icon", "iconType")
        for badge in (badges if isinstance(badges, list) else [])
        if isinstance(_inside(badge, "liveChatAuthorBadgeRenderer", "icon", "iconType"), str)
    }
    return _OWNER if "OWNER" in icons else _MODERATOR if "MODERATOR" in icons else WHITE


def _inside(value: object, *path: str) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
