"""DASH manifests (ISO/IEC 23009-1): what they tell, and the same with every address replaced. Pure.

Each Representation gets one BaseURL, absolute and ours, and all others go. What follows from it:

- A Representation that is one file has the address of this file, with `Role.SEGMENT`.
- One with a SegmentTemplate has the address of its folder, with `Role.PREFIX`, and the template stays relative to it:
  a player forms `<prefix><path>`, and `prefixes.below(folder, path)` tells what it means. A template from the root or
  of another server has a prefix of its own in front.
- Addresses that are written out (SegmentURL, Initialization, RepresentationIndex, BitstreamSwitching) are replaced one
  by one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from synctv.domain.delivery import xml_document
from synctv.domain.delivery.manifests import (
    MAX_ADDRESSES,
    MAX_TEXT_BYTES,
    DrmProtected,
    ManifestError,
    Replace,
    Role,
    absolute,
)
from synctv.domain.delivery.prefixes import EscapeError, below, folder_of

__all__ = ["Manifest", "ManifestError", "Role", "below", "rewrite"]

BOUNDS = xml_document.Bounds(size=MAX_TEXT_BYTES, elements=50_000, depth=32)

_WRITTEN_OUT: Mapping[str, tuple[str, Role]] = {
    "Initialization": ("sourceURL", Role.MAP),
    "BitstreamSwitching": ("sourceURL", Role.MAP),
    "RepresentationIndex": ("sourceURL", Role.SEGMENT),
}
_SEGMENTS = ("SegmentBase", "SegmentList", "SegmentTemplate")
_TEMPLATES = ("media", "initialization", "index", "bitstreamSwitching")
# Each would send players past us: to clocks, to other manifests, to servers that collect reports.
_DROPPED = frozenset(
    {"UTCTiming", "PatchLocation", "ContentSteering", "Metrics", "InitializationSet", "InitializationGroup",
     "InitializationPresentation"}
)  # fmt: skip
_IDENTIFIER = re.compile(r"\$[^$]*\$")
_CALLBACK = "urn:mpeg:dash:event:callback:"
_KEPT_OF_BASE = ("availabilityTimeOffset", "availabilityTimeComplete")
# Years and months have no length in seconds; manifests don't use them.
_DURATION = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,12}(?:\.\d{0,12})?)S)?)?")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest, rewritten, and what it tells. `duration` is in seconds; None where it doesn't say."""

    document: bytes
    live: bool
    duration: float | None


def rewrite(document: bytes, base_url: str, replace: Replace) -> Manifest:
    """The manifest with `replace(absolute address, role)` in the place of every address that a player would call.

    `base_url` is where it was found, after redirects. The address for `Role.PREFIX` has to end with a slash and hold
    no `$`, `?` or `#`. Location is replaced with `Role.PLAYLIST`; of several BaseURLs at one place the first counts.
    Clocks, patches, steering, reporting and callbacks are dropped. Raises `ManifestError`, and `DrmProtected` for what
    only a licensed player decrypts.
    """
    try:
        read = xml_document.read(document, BOUNDS)
    except xml_document.XmlError:
        raise ManifestError("This is no DASH manifest that can be read.") from None
    root = read.root
    if root.tag != "MPD":
        raise ManifestError("This is no DASH manifest.")
    _clean(root)
    rewriter = _Rewriter(replace)
    rewriter.locations(root, base_url)
    rewriter.walk(root, _Place(base_url))
    rewriter.finish()
    return Manifest(read.written(), root.get("type") == "dynamic", _length(root))


def _clean(root: Element) -> None:
    """Refuses what can't be played through us, and removes what a player would call past us."""
    for element in list(root.iter()):
        if element.tag == "ContentProtection":
            raise DrmProtected
        for name in list(element.attrib):
            match name.rpartition(":")[2]:
                case "href":
                    raise ManifestError("This DASH manifest is put together from others, which is not supported.")
                case "url":  # of fonts, in DVB's profile
                    del element.attrib[name]
        element[:] = [child for child in element if not _calls(child)]


def _calls(element: Element) -> bool:
    return element.tag in _DROPPED or element.get("schemeIdUri", "").startswith(_CALLBACK)


def _length(root: Element) -> float | None:
    said = root.get("mediaPresentationDuration")
    periods = [_seconds(period.get("duration")) for period in root.findall("Period")]
    if said is not None:
        return _seconds(said)
    known = [seconds for seconds in periods if seconds is not None]
    return math.fsum(known) if known and len(known) == len(periods) else None


def _seconds(said: str | None) -> float | None:
    """The length of an XML duration such as `PT1H2.5S`."""
    match = _DURATION.fullmatch(said.strip()) if said is not None else None
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (float(number or 0) for number in match.groups())
    return (days * 86_400 + hours * 3_600 + minutes * 60 + seconds) or None


@dataclass(frozen=True, slots=True)
class _Place:
    """What holds at an element for all that is below it: the base, whether one was named, and templates above."""

    base: str
    named: Mapping[str, str] | None = None
    templated: bool = False

    def within(self, element: Element) -> _Place:
        """The same inside of an element, whose BaseURLs are removed."""
        tags = {child.tag for child in element}
        templated = "SegmentTemplate" in tags or (self.templated and tags.isdisjoint(("SegmentList", "SegmentBase")))
        if "BaseURL" not in tags:
            return _Place(self.base, self.named, templated)
        first = next(child for child in element if child.tag == "BaseURL")
        element[:] = [child for child in element if child.tag != "BaseURL"]
        kept = {name: value for name in _KEPT_OF_BASE if (value := first.get(name)) is not None}
        return _Place(absolute(self.base, first.text or ""), {**(self.named or {}), **kept}, templated)


class _Rewriter:
    """One walk over the tree. What several Representations inherit has to mean the same address for all of them."""

    def __init__(self, replace: Replace) -> None:
        self._replace = replace
        self._left = MAX_ADDRESSES
        self._meant: dict[tuple[int, str], tuple[Element, str, str, Role]] = {}

    def locations(self, root: Element, base_url: str) -> None:
        """Where a live manifest is asked for again: the first address that it names, replaced."""
        first = root.find("Location")
        if first is not None:
            first.text = self._new(absolute(base_url, first.text or ""), Role.PLAYLIST)
            root[:] = [child for child in root if child is first or child.tag != "Location"]

    def walk(self, element: Element, place: _Place, above: tuple[Element, ...] = ()) -> None:
        """The element and all levels below it. A Representation inherits the descriptions of segments `above`."""
        place = place.within(element)
        segments = (*above, *(child for child in element if child.tag in _SEGMENTS))
        if element.tag == "Representation":
            self._representation(element, place, segments)
            return
        for child in element:
            if child.tag in ("Period", "AdaptationSet", "Representation"):
                self.walk(child, place, segments)

    def finish(self) -> None:
        """Writes the addresses that were found."""
        for element, name, url, role in self._meant.values():
            before, slash, rest = url.partition("\n")
            element.set(name, self._new(before, role) + (rest if slash else ""))

    def _representation(self, element: Element, place: _Place, inherited: tuple[Element, ...]) -> None:
        for segments in inherited:
            self._segments(segments, place)
        if place.templated:
            _must_not_climb(element.get("id", ""))
            address = self._new(folder_of(place.base), Role.PREFIX)
        elif place.named is not None:
            address = self._new(place.base, Role.SEGMENT)
        else:
            return
        base = Element("BaseURL", dict(place.named or {}))
        base.text = address
        following = (index for index, child in enumerate(element) if child.tag in (*_SEGMENTS, "SubRepresentation"))
        element.insert(next(following, len(element)), base)

    def _segments(self, segments: Element, place: _Place) -> None:
        self._count(len(segments) + 1)
        if segments.tag == "SegmentTemplate":
            for name in _TEMPLATES:
                self._template(segments, name, place.base)
        for child in segments:
            if child.tag in _WRITTEN_OUT:
                name, role = _WRITTEN_OUT[child.tag]
                self._mean(child, name, place.base, role)
            elif child.tag == "SegmentURL":
                for name in ("media", "index"):
                    self._mean(child, name, place.base, Role.SEGMENT)

    def _mean(self, element: Element, name: str, base: str, role: Role) -> None:
        """Notes which address an attribute means here."""
        reference = element.get(name)
        if reference is not None:
            self._note(element, name, absolute(base, reference), role)

    def _template(self, element: Element, name: str, base: str) -> None:
        """A template that stays below the folder of its base is left as it is; another gets its own folder in front."""
        template = element.get(name)
        if template is None:
            return
        fixed = re.split(r"[$?]", template, maxsplit=1)[0]
        folder = fixed[: fixed.rfind("/") + 1]
        tail = template[len(folder) :]
        if not _stays(_IDENTIFIER.sub("0", tail)):
            raise ManifestError("This DASH manifest has segments at addresses that can't be called.")
        if not folder or _stays(folder):
            return
        self._note(element, name, f"{folder_of(absolute(base, folder))}\n{tail}", Role.PREFIX)

    def _note(self, element: Element, name: str, url: str, role: Role) -> None:
        _, _, before, _ = self._meant.setdefault((id(element), name), (element, name, url, role))
        if before != url:
            raise ManifestError("This DASH manifest shares segments between several addresses, which is not supported.")

    def _count(self, addresses: int) -> None:
        """Of what is inherited, each one counts for each who inherits it."""
        self._left -= addresses
        if self._left < 0:
            raise ManifestError("This DASH manifest names too many addresses.")

    def _new(self, url: str, role: Role) -> str:
        address = self._replace(url, role)
        if role is Role.PREFIX and (not address.endswith("/") or any(character in address for character in "$?#")):
            raise ValueError("The address of a prefix ends with a slash and holds no $, ? or #.")
        return address


def _stays(path: str) -> bool:
    """Whether a path leads further down only."""
    try:
        below("http://folder/", path)
    except EscapeError:
        return False
    return True


def _must_not_climb(id: str) -> None:
    """Raises `ManifestError` for the id of a Representation that, put into a template, could lead out of its folder."""
    if any(part and not part.strip(".") for part in re.split(r"[/\\]", unquote(id))):
        raise ManifestError("This DASH manifest has segments at addresses that can't be called.")
