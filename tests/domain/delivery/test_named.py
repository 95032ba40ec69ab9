"""What a playlist names, as it is sealed into an address."""

from __future__ import annotations

import pytest

from synctv.domain.delivery.manifests import Role
from synctv.domain.delivery.named import NamedAddress, NamedTrack, named_of


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("url", ["https://films.test/a:b.ts?x=y:z", "http://[::1]:8080/", "https://films.test/影.m4s"])
def test_an_address_is_read_again_as_it_was_written(role: Role, url: str) -> None:
    assert named_of(NamedAddress(role, url).text) == NamedAddress(role, url)


def test_a_track_is_read_again_and_never_taken_for_an_address() -> None:
    assert named_of(NamedTrack("video:1080").text) == NamedTrack("video:1080")


@pytest.mark.parametrize(
    "text", ["", "segment", "segment:", "track:", "https://films.test/", ":x", "Segment:https://films.test/"]
)
def test_any_other_text_is_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid Role"):
        named_of(text)


@pytest.mark.parametrize(
    "role, url, name",
    [
        (Role.SEGMENT, "https://films.test/a.M4S?x=.exe", "segment.m4s"),
        (Role.SEGMENT, "https://films.test/a.exe", "segment.ts"),
        (Role.SEGMENT, "https://films.test/a.html", "segment.ts"),
        (Role.SEGMENT, "https://films.test/segment", "segment.ts"),
        (Role.MAP, "https://films.test/init.mp4", "map.mp4"),
        (Role.KEY, "https://films.test/key.bin", "key"),
        (Role.OTHER, "https://films.test/data.json", "other"),
        (Role.PLAYLIST, "https://films.test/720.m3u8", "list.m3u8"),
        (Role.PREFIX, "https://films.test/folder/", ""),
    ],
)
def test_its_name_has_an_ending_that_players_know_and_no_other(role: Role, url: str, name: str) -> None:
    assert NamedAddress(role, url).file_name("list.m3u8") == name
