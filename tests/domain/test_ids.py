"""Identifiers: TypeIDs and UUIDv7."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.ids import Micros, is_typeid, number_of, seconds_after, typeid, uuid7
from tests.vectors import vectors

VECTORS = vectors("typeid")
NUMBERS = st.integers(0, 2**128 - 1)


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["text"])
def test_a_published_typeid_stands_for_its_uuid(vector: dict[str, Any]) -> None:
    number = uuid.UUID(vector["uuid"]).int
    assert number_of(vector["text"], vector["prefix"]) == number
    assert typeid(vector["prefix"], number) == vector["text"]


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["why"])
def test_anything_else_is_no_typeid(vector: dict[str, Any]) -> None:
    assert number_of(vector["text"], "prefix") is None
    assert not is_typeid(vector["text"], "prefix")


@given(NUMBERS)
def test_every_number_comes_back_from_its_text(number: int) -> None:
    assert number_of(typeid("usr", number), "usr") == number


@given(NUMBERS, NUMBERS)
def test_texts_sort_as_their_numbers_do(one: int, other: int) -> None:
    assert (typeid("usr", one) < typeid("usr", other)) == (one < other)


@given(st.text(max_size=40))
def test_no_text_is_taken_for_an_id_unless_it_is_the_text_of_that_id(text: str) -> None:
    number = number_of(text, "usr")
    assert number is None or typeid("usr", number) == text


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_a_uuid7_says_its_version_its_variant_and_its_time(millis: int, random: int) -> None:
    made = uuid.UUID(int=uuid7(millis, random))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == millis


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1), st.integers(0, 2**74 - 1))
def test_a_uuid7_keeps_all_of_its_random_bits(millis: int, one: int, other: int) -> None:
    assert (uuid7(millis, one) == uuid7(millis, other)) == (one == other)


def test_a_later_uuid7_sorts_after_an_earlier_one_whatever_its_random_bits() -> None:
    assert uuid7(1_000, 2**74 - 1) < uuid7(1_001, 0)


def test_instants_are_counted_in_microseconds() -> None:
    assert seconds_after(Micros(1_000_000), 1.5) == 2_500_000
    assert seconds_after(Micros(1_000_000), -0.25) == 750_000
    assert seconds_after(Micros(0), 0.000_000_6) == 1
