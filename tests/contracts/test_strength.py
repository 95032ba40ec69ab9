"""What every estimate of the strength of passwords promises."""

from __future__ import annotations

import pytest

from synctv.adapters.crypto.strength import ZxcvbnPasswordStrength
from synctv.application.ports.strength import PasswordStrength


@pytest.fixture
def strength() -> PasswordStrength:
    return ZxcvbnPasswordStrength()


def test_it_is_there_with_its_extra(strength: PasswordStrength) -> None:
    assert strength.available


def test_scores_go_from_what_everybody_tries_to_what_nobody_guesses(strength: PasswordStrength) -> None:
    passwords = ["password", "Tr0ub4dour&3", "correct horse battery staple xylophone 91"]
    scores = [strength.score(password, ()) for password in passwords]
    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (0, 4)


def test_ones_own_name_is_a_weak_password(strength: PasswordStrength) -> None:
    assert strength.score("grzegorz.brzeczyszczykiewicz", ["grzegorz.brzeczyszczykiewicz"]) == 0
    assert strength.score("grzegorz.brzeczyszczykiewicz", ()) == 4


@pytest.mark.parametrize("password", ["", "x" * 100_000, "\x00", "密码" * 40, "\ud800"])
def test_whatever_is_typed_has_a_score(strength: PasswordStrength, password: str) -> None:
    assert 0 <= strength.score(password, ["", "ada"]) <= 4
