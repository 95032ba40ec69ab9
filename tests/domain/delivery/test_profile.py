"""What clients say that they can play."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.playable import Container, DeliveryMode
from synctv.domain.delivery.profile import ANY, Profile, profile_of
from synctv.domain.errors import Invalid

profiles = st.builds(
    Profile,
    st.frozensets(st.sampled_from(Container)),
    st.frozensets(st.sampled_from(["avc1", "avc1.64001f", "hvc1", "av01", "mp4a.40.2", "opus", "ec-3"])),
    st.booleans(),
    st.sampled_from(DeliveryMode),
)


@given(profiles)
def test_the_text_of_a_profile_is_read_again(profile: Profile) -> None:
    assert profile_of(profile.text) == profile
    assert profile_of(profile.text).text == profile.text


def test_parts_may_be_left_out() -> None:
    assert profile_of("") == ANY
    assert profile_of("hls,mp4").containers == {Container.HLS, Container.MP4}
    assert profile_of(";avc1").codecs == {"avc1"}
    assert profile_of(";;;proxy_only").mode is DeliveryMode.PROXY_ONLY


def test_containers_of_the_future_are_left_out() -> None:
    assert profile_of("vhs,mp4").containers == {Container.MP4}
    assert profile_of("vhs") == ANY


@pytest.mark.parametrize(
    "text",
    [";;;sideways", "a;b;c;d;e", ";" + ",".join(f"c{n}" for n in range(30)), ";" + "x" * 33, ";a b", ";é"],
)
def test_nonsense_is_invalid(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        profile_of(text)
    assert caught.value.errors[0].path == "profile"


def test_who_names_no_container_plays_them_all() -> None:
    assert ANY.plays(Container.FLV)
    assert not Profile(frozenset({Container.MP4})).plays(Container.FLV)


def test_what_a_provider_has_to_know_is_the_player_alone() -> None:
    profile = profile_of("mp4;avc1;h;proxy_only")
    assert profile.player == profile_of("mp4;avc1")
