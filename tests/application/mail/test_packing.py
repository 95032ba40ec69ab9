"""What is sealed into the outbox comes out as it went in, and nothing else does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.application.mail.packing import BLOCK_BYTES, NotALetter, pack, place_of, unpack
from synctv.application.ports.letters import Letter, LetterKind
from synctv.domain.accounts.account import Language
from synctv.domain.ids import MailId
from tests.application.mail.office import a_code

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
LETTERS = st.builds(
    Letter, st.sampled_from(LetterKind), TEXTS, st.sampled_from(Language), st.dictionaries(TEXTS, TEXTS, max_size=5)
)


@given(LETTERS)
def test_a_letter_comes_out_as_it_went_in(letter: Letter) -> None:
    assert unpack(pack(letter)) == letter


def test_letters_of_different_length_look_the_same() -> None:
    lengths = {len(pack(a_code(to=f"{'a' * length}@example.org"))) for length in range(1, 64)}
    assert lengths == {len(pack(Letter(LetterKind.TEST, "", Language.ENGLISH, {})))} == {BLOCK_BYTES}


def test_a_letter_has_its_own_place() -> None:
    assert place_of(MailId("mail_1")) != place_of(MailId("mail_2"))


WHOLE = json.loads(pack(a_code()))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"[]",
        b'"letter"',
        pack(a_code())[:20],
        json.dumps({**WHOLE, "kind": "love_letter"}).encode(),
        json.dumps({**WHOLE, "language": "tlh"}).encode(),
        json.dumps({**WHOLE, "to": None}).encode(),
        json.dumps({**WHOLE, "facts": {"code": 493817}}).encode(),
        json.dumps({**WHOLE, "facts": ["code"]}).encode(),
        json.dumps({name: value for name, value in WHOLE.items() if name != "facts"}).encode(),
    ],
)
def test_what_is_no_letter_is_refused_without_repeating_it(content: bytes) -> None:
    with pytest.raises(NotALetter) as caught:
        unpack(content)
    assert caught.value.__cause__ is None
    assert "493817" not in str(caught.value)
