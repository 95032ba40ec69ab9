"""Sign-in sessions: alive, rotated, ended."""

from __future__ import annotations

from synctv.domain.ids import Micros
from tests.builders import a_session, an_account, at


def test_a_session_lives_until_it_runs_out() -> None:
    session = a_session(an_account(), expires_at=at(60.0))
    assert session.alive(at(59.999999), 1)
    assert not session.alive(at(60.0), 1)


def test_a_session_dies_with_the_generation_that_it_began_in() -> None:
    session = a_session(an_account(session_generation=3))
    assert session.alive(at(0.0), 3)
    assert not session.alive(at(0.0), 4)


def test_an_ended_session_is_dead_and_remembers_when_it_ended_first() -> None:
    ended = a_session(an_account()).ended(at(5.0))
    assert not ended.alive(at(5.0), 1)
    assert ended.ended(at(9.0)) is ended


def test_rotating_replaces_the_only_token_that_works_and_lengthens_the_life() -> None:
    session = a_session(an_account(), expires_at=at(60.0))
    rotated = session.rotated(b"new", at(30.0), at(90.0))
    assert (rotated.refresh_digest, rotated.refreshed_at, rotated.expires_at) == (b"new", at(30.0), at(90.0))
    assert (rotated.id, rotated.created_at) == (session.id, Micros(session.created_at))
