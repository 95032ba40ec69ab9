"""Names of files: what plays, in which order, and what belongs together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.providers.files import (
    danmaku_beside,
    natural,
    shown,
    size_words,
    subtitles_beside,
    title_of,
    track_id,
    type_of,
)
from synctv.domain.delivery.playable import Container
from synctv.domain.library.item import MediaKind


@pytest.mark.parametrize(
    "name, container, kind",
    [
        ("Film.MKV", Container.MKV, MediaKind.VIDEO),
        ("a.b.mp4", Container.MP4, MediaKind.VIDEO),
        ("clip.ts", Container.MPEGTS, MediaKind.VIDEO),
        ("song.FLAC", Container.FLAC, MediaKind.AUDIO),
    ],
)
def test_an_ending_tells_what_plays(name: str, container: Container, kind: MediaKind) -> None:
    assert type_of(name) == (container, kind)


@pytest.mark.parametrize("name", ["", "mp4", ".mp4", "film.avi", "film.nfo", "film.mp4.part", "film."])
def test_other_files_do_not_play(name: str) -> None:
    assert type_of(name) is None


def test_numbers_in_names_are_counted() -> None:
    names = ["Part 10", "part 2", "Part 02b", "part 1", "第10集", "第9集"]
    assert sorted(names, key=natural) == ["part 1", "part 2", "Part 02b", "Part 10", "第9集", "第10集"]


@given(st.lists(st.text(max_size=12)))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    keys = [natural(name) for name in sorted(names, key=natural)]
    assert all(before <= after for before, after in pairwise(keys))


def test_digits_of_other_scripts_and_endless_ones_sort_too() -> None:
    names = ["²", "٣", "9" * 10_000, "a", "1"]
    assert sorted(names, key=natural)[:2] == ["1", "9" * 10_000]


@pytest.mark.parametrize(
    "size, words",
    [(None, ""), (0, ""), (-1, ""), (999, "999 B"), (1_000, "1 kB"), (999_600, "1.0 MB"), (2_147_483_648, "2.1 GB"),
     (21_474_836_480, "21 GB"), (10**16, "10,000 TB")],
)  # fmt: skip
def test_sizes_are_said_shortly(size: int | None, words: str) -> None:
    assert size_words(size) == words


def test_a_title_is_the_name_without_its_ending() -> None:
    assert title_of("A  Film\n.mkv") == "A Film"
    assert title_of("\u202e.mkv") == ".mkv"
    assert title_of("\u200b") == "Untitled"
    assert len(title_of("x" * 300 + ".mp4")) == 200
    assert shown("\u200b") == ""


def test_subtitles_lie_beside_their_film() -> None:
    names = ["film.srt", "film.zh-Hans.ass", "film.en.forced.vtt", "film2.srt", "film.chs.srt", "film.jpg", "Film.srt"]
    found = [(one.name, one.label, one.language, one.format) for one in subtitles_beside("film.mkv", names)]
    assert found == [
        ("film.chs.srt", "chs", "zh-Hans", "srt"),
        ("film.en.forced.vtt", "en.forced", "en", "vtt"),
        ("film.srt", "SRT", None, "srt"),
        ("film.zh-Hans.ass", "zh-Hans", "zh-Hans", "ass"),
    ]


@pytest.mark.parametrize(
    "name", ["A Film.srt", "A Film.2.srt", "A Film - en.srt", "A Film_en.srt", "A Film (en).srt", "A Film [en].srt"]
)
def test_a_subtitle_goes_on_from_the_name_of_its_film(name: str) -> None:
    assert [one.name for one in subtitles_beside("A Film.mp4", [name])] == [name]


@pytest.mark.parametrize("name", ["A Film 2.srt", "A Film 2.en.srt", "A Filmed Play.srt", "A Film en.srt", "A.srt"])
def test_the_next_part_has_its_subtitles_for_itself(name: str) -> None:
    assert subtitles_beside("A Film.mp4", [name]) == []


def test_a_language_in_brackets_is_one() -> None:
    (found,) = subtitles_beside("A Film.mp4", ["A Film (en).srt"])
    assert (found.label, found.language) == ("en", "en")


def test_comments_lie_beside_it_too() -> None:
    assert [one.name for one in danmaku_beside("film.mkv", ["film.xml", "film.srt", "other.xml"])] == ["film.xml"]


def test_no_more_tracks_than_anybody_chooses_from() -> None:
    assert len(subtitles_beside("a.mp4", [f"a.{number}.srt" for number in range(500)])) == 40


def test_a_track_is_called_the_same_as_long_as_its_file_is() -> None:
    assert track_id("s", "a.srt") == track_id("s", "a.srt") != track_id("s", "b.srt")
    assert track_id("s", "\ud800").startswith("s-")
