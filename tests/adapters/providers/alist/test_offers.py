"""Addresses of files on an Alist server, and when they run out."""

from __future__ import annotations

import pytest

from synctv.adapters.providers.alist.folders import below
from synctv.adapters.providers.alist.offers import agent_of, at_home, expires_at
from synctv.domain.ids import Micros

HOME = "https://alist.test/sub"
NOW = Micros(1_767_225_600_000_000)


@pytest.mark.parametrize(
    "raw, url",
    [
        ("http://10.0.0.5:5244/p/films/a%20b.mp4?sign=x%3D:0", f"{HOME}/p/films/a%20b.mp4?sign=x%3D:0"),
        ("http://10.0.0.5:5244/sub/d/films/a%20b.mp4?sign=x", f"{HOME}/d/films/a%20b.mp4?sign=x"),
        ("http://10.0.0.5:5244/p/base/films/a%20b.mp4?sign=x", f"{HOME}/p/base/films/a%20b.mp4?sign=x"),
        ("/sub/p/films/a%20b.mp4?sign=x", f"{HOME}/p/films/a%20b.mp4?sign=x"),
        # A cloud's own addresses stay: another file, no signature, another place.
        ("https://cloud.test/p/other.mp4?sign=x", "https://cloud.test/p/other.mp4?sign=x"),
        ("https://cloud.test/p/films/a%20b.mp4?token=x", "https://cloud.test/p/films/a%20b.mp4?token=x"),
        (
            "https://cloud.test/far/away/p/films/a%20b.mp4?sign=x",
            "https://cloud.test/far/away/p/films/a%20b.mp4?sign=x",
        ),
    ],
)
def test_the_server_s_own_addresses_become_those_that_people_call_it_by(raw: str, url: str) -> None:
    assert at_home(HOME, "/films/a b.mp4", raw) == url


def test_an_offer_runs_out_with_the_first_of_its_addresses() -> None:
    early, late = (f"https://cloud.test/a?Expires={seconds}" for seconds in (1_767_229_100, 1_767_229_200))
    assert expires_at([late, early], HOME, NOW) == 1_767_229_100_000_000
    assert expires_at(["https://cloud.test/a", late], HOME, NOW) == NOW + 600_000_000
    assert expires_at([f"{HOME}/p/a?sign=x:0"], HOME, NOW) is None
    assert expires_at([], HOME, NOW) is None


def test_what_an_account_sees_is_below_its_top() -> None:
    assert below(("films",), ("films", "a", "b")) == ("a", "b")
    assert below((), ("a",)) == ("a",)
    assert below(("films",), ("music", "a")) is None
    assert below(("films", "new"), ("films",)) is None


def test_a_cloud_that_insists_on_a_program_is_known() -> None:
    assert agent_of("BaiduNetdisk", "SyncTV") == "pan.baidu.com"
    assert agent_of("Local", "SyncTV") == "SyncTV"
