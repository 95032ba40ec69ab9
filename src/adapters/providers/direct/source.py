"""The source of a plain address, in its normal form: what people may say beside the address itself. Pure.

`{"url", "container"}`, and where they are given `headers` (what the server at the address wants to hear), `variants`
(the same film in other qualities) and `subtitles`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synctv.adapters.providers.direct.address import extension_of, valid_url
from synctv.adapters.providers.direct.formats import PLAYABLE, by_extension
from synctv.adapters.providers.direct.login import SECRET_HEADERS
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import Invalid
from synctv.domain.text import has_visible, one_line

MAX_HEADERS = 16
MAX_VARIANTS = 8
MAX_SUBTITLES = 16
MAX_HEADER_LENGTH = 1_024
MAX_LABEL_LENGTH = 60
MAX_LANGUAGE_LENGTH = 35

_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_OURS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "if-range", "keep-alive", "range", "te"}
    | {"trailer", "transfer-encoding", "upgrade", "via", "forwarded", "x-forwarded-for", "x-real-ip"}
)
_SECRET = SECRET_HEADERS | {"proxy-authorization"}


@dataclass(frozen=True, slots=True)
class OtherVariant:
    """The same film at another address."""

    url: str
    label: str
    container: Container


@dataclass(frozen=True, slots=True)
class OtherSubtitle:
    """A text track at an address of its own."""

    url: str
    label: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Extras:
    """What was said beside the address. Names of headers are lower case."""

    headers: Mapping[str, str]
    variants: Sequence[OtherVariant]
    subtitles: Sequence[OtherSubtitle]

    @property
    def normal(self) -> dict[str, object]:
        """The parts of the source's normal form; what is empty is left out."""
        parts: dict[str, object] = {
            "headers": dict(self.headers),
            "variants": [
                {"url": one.url, "label": one.label, "container": one.container.value} for one in self.variants
            ],
            "subtitles": [{"url": one.url, "label": one.label, "language": one.language} for one in self.subtitles],
        }
        return {name: part for name, part in parts.items() if part}


def extras_of(source: Mapping[str, object]) -> Extras:
    """What a source says beside its address. Raises `Invalid` with paths below `source`."""
    return Extras(
        headers=_headers(source.get("headers")),
        variants=[_variant(entry, path) for path, entry in _entries(source, "variants", MAX_VARIANTS)],
        subtitles=[_subtitle(entry, path) for path, entry in _entries(source, "subtitles", MAX_SUBTITLES)],
    )


def _headers(given: object) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or len(given) > MAX_HEADERS:
        raise Invalid.field("source.headers", f"Give at most {MAX_HEADERS} headers, each a name with a text.", "type")
    return {str(name).lower(): _header(str(name), value) for name, value in given.items()}


def _header(name: str, value: object) -> str:
    path = f"source.headers.{name[:40]}"
    lower = name.lower()
    if not name or set(name) - _TOKEN or len(name) > MAX_LABEL_LENGTH:
        raise Invalid.field(path, "The name of a header has letters, digits and hyphens, and no spaces.", "name")
    if lower in _SECRET:
        raise Invalid.field(
            path, "This header is a secret. Save it as a sign-in for this server, then add the address again.", "secret"
        )
    if lower in _OURS:
        raise Invalid.field(path, "This header is written by the server itself. Leave it out.", "reserved")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_HEADER_LENGTH or not _fits_a_header(value):
        raise Invalid.field(path, f"A header has one line of at most {MAX_HEADER_LENGTH:,} plain characters.", "value")
    return value


def _fits_a_header(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()


def _entries(source: Mapping[str, object], name: str, most: int) -> list[tuple[str, Mapping[str, object]]]:
    given = source.get(name)
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > most or not all(isinstance(one, Mapping) for one in given):
        raise Invalid.field(f"source.{name}", f"Give a list of at most {most} objects.", "type")
    return [(f"source.{name}.{index}", entry) for index, entry in enumerate(given)]


def _variant(entry: Mapping[str, object], path: str) -> OtherVariant:
    url = valid_url(entry, f"{path}.url")
    named = entry.get("container")
    format_ = by_extension(extension_of(url))
    if named is None and format_ is None:
        raise Invalid.field(f"{path}.container", f"Say what this is. {PLAYABLE}", "required")
    try:
        container = Container(str(named)) if named is not None else format_.container if format_ else Container.MP4
    except ValueError:
        raise Invalid.field(f"{path}.container", f"A container is one of {', '.join(Container)}.", "choice") from None
    return OtherVariant(url, _label(entry, path), container)


def _subtitle(entry: Mapping[str, object], path: str) -> OtherSubtitle:
    language = entry.get("language")
    if language is not None and (not isinstance(language, str) or not _is_language(language)):
        raise Invalid.field(f"{path}.language", "A language is a tag such as en, de or zh-Hans.", "language")
    return OtherSubtitle(valid_url(entry, f"{path}.url"), _label(entry, path), language or None)


def _is_language(text: str) -> bool:
    return len(text) <= MAX_LANGUAGE_LENGTH and text.isascii() and text.replace("-", "").isalnum()


def _label(entry: Mapping[str, object], path: str) -> str:
    given = entry.get("label")
    label = one_line(given) if isinstance(given, str) else ""
    if not has_visible(label) or len(label) > MAX_LABEL_LENGTH:
        raise Invalid.field(f"{path}.label", f"A label has 1 to {MAX_LABEL_LENGTH} characters.", "length")
    return label
