"""Which keys fit those that are recorded: the steps of replacing one, and everything else."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from synctv.adapters.crypto.keys import SEALING, KeyName, KeyRing, makeable, new_keys
from synctv.adapters.postgres.key_checks import KeyCheck
from synctv.entrypoints.bootstrap.keys import PURPOSES, check_of, difference
from tests.builders import NOW

OLD, NEW = new_keys(), new_keys()
LISTS = [name for name in makeable() if name is not KeyName.OPAQUE]
BY_LIST = pytest.mark.parametrize("name", LISTS)
BY_SEALING = pytest.mark.parametrize("name", sorted(SEALING))


def after(name: KeyName, ring: KeyRing) -> KeyCheck:
    """What a server with these keys leaves recorded."""
    return check_of(name, ring, NOW)


def test_every_key_says_what_it_is_for_and_what_losing_it_means() -> None:
    assert set(PURPOSES) == set(KeyName)


@pytest.mark.parametrize("name", makeable())
def test_the_same_keys_fit(name: KeyName) -> None:
    assert difference(name, OLD.of(name), after(name, OLD.of(name))) is None


@pytest.mark.parametrize("name", makeable())
def test_another_key_does_not_and_it_is_said_what_that_would_mean(name: KeyName) -> None:
    reason = difference(name, NEW.of(name), after(name, OLD.of(name)))
    assert reason is not None
    assert PURPOSES[name].loss in reason


@BY_LIST
def test_a_key_is_replaced_in_steps_that_overlap(name: KeyName) -> None:
    old, new = OLD.of(name), NEW.of(name)
    steps = [old, old + new, new + old, new]
    for before, now in pairwise(steps):
        assert difference(name, now, after(name, before)) is None
        # A server that did not take the step yet may still be restarted.
        assert difference(name, before, after(name, now)) is None


@BY_LIST
def test_a_step_too_long_is_refused(name: KeyName) -> None:
    assert difference(name, NEW.of(name), after(name, OLD.of(name))) is not None


@BY_SEALING
def test_a_server_that_lacks_the_key_that_is_sealed_with_now_is_refused(name: KeyName) -> None:
    reason = difference(name, OLD.of(name), after(name, NEW.of(name) + OLD.of(name)))
    assert reason is not None
    assert "newer key" in reason


@BY_SEALING
def test_a_check_that_does_not_open_is_a_difference_though_the_fingerprints_fit(name: KeyName) -> None:
    recorded = replace(after(name, NEW.of(name)), fingerprints=after(name, OLD.of(name)).fingerprints)
    assert difference(name, OLD.of(name), recorded) is not None


@pytest.mark.parametrize("name", makeable())
def test_what_is_recorded_does_not_hold_the_key(name: KeyName) -> None:
    (key,) = OLD.of(name)
    assert key.secret not in repr(after(name, OLD.of(name))).encode()
    assert (after(name, OLD.of(name)).check is not None) is (name in SEALING)
