"""What every writer of letters promises."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

import pytest

from synctv.adapters.mail.writer import JinjaLetterWriter
from synctv.application.ports.letters import Letter, LetterKind, LetterWriter
from synctv.application.ports.mail_sender import Message
from synctv.domain.accounts.account import Language
from synctv.domain.audit.entry import Action
from tests.builders import NOW, at

SERVER: Final = "Film & <b>Club</b>"
EVERY_KIND = pytest.mark.parametrize("kind", LetterKind)
EVERY_LANGUAGE = pytest.mark.parametrize("language", Language)
CODE_FACTS = {"username", "code", "minutes", "address"}
NEEDED: Final = {
    LetterKind.SIGN_IN_CODE: CODE_FACTS,
    LetterKind.CONFIRM_ADDRESS: CODE_FACTS,
    LetterKind.SIGN_UP_CODE: CODE_FACTS,
    LetterKind.SIGN_UP_KNOWN: {"username", "address"},
    LetterKind.SECOND_STEP_CODE: CODE_FACTS,
    LetterKind.RESET_CODE: CODE_FACTS,
    LetterKind.RESET_LINK: {"username", "url", "hours"},
    LetterKind.PASSWORD_CHANGED: {"username", "at", "address"},
    LetterKind.FACTOR_CHANGED: {"username", "what", "at", "address"},
    LetterKind.ACCOUNT_CLOSED: {"username", "at", "until", "address"},
    LetterKind.ACCOUNT_RESTORED: {"username", "url"},
    LetterKind.SIGN_UP_APPROVED: {"username", "url"},
    LetterKind.SIGN_UP_REJECTED: {"username", "reason"},
    LetterKind.TEST: {"at"},
}
FACTS: Final = {
    "username": "ada<script>alert('&')</script>",
    "code": "493817",
    "minutes": "17",
    "hours": "23",
    "address": "203.0.113.99",
    "url": "https://tv.example.org/reset?a=1&b=2#token=x",
    "reason": "Full <house>",
    "at": str(NOW),
    "until": str(at(30 * 86_400)),
    "what": "a_change_of_tomorrow",
}
SHOWN: Final = {**FACTS, "at": "2026-01-01 00:00 UTC", "until": "2026-01-31 00:00 UTC"}
NOTICED: Final = (
    Action.PASSWORD_REMOVED,
    Action.EMAIL_CHANGED,
    Action.EMAIL_REMOVED,
    Action.PASSKEY_ADDED,
    Action.PASSKEY_REMOVED,
    Action.TOTP_ENABLED,
    Action.TOTP_REMOVED,
    Action.RECOVERY_CODE_USED,
    Action.RECOVERY_CODES_REPLACED,
    Action.TWO_FACTOR_ENABLED,
    Action.TWO_FACTOR_DISABLED,
    Action.FACTORS_RESET,
    Action.IDENTITY_LINKED,
    Action.IDENTITY_UNLINKED,
    Action.ACCOUNT_EXPORTED,
)


@pytest.fixture(scope="module")
def writer() -> LetterWriter:
    return JinjaLetterWriter(SERVER)


def a_letter(kind: LetterKind, language: Language, **changes: str) -> Letter:
    """A letter with the facts that it needs, and no others."""
    return Letter(kind, "ada@example.org", language, {name: FACTS[name] for name in NEEDED[kind]} | changes)


class Seen(HTMLParser):
    """What somebody sees of a page, the tags that it is made of, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self._words: list[str] = []
        self._unseen = 0
        self.feed(html)
        self.close()
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._unseen += tag in ("style", "title")
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._words.append(data)


def facts_in(text: str) -> set[str]:
    """Which facts a text tells of."""
    flat = " ".join(text.split())
    return {name for name, shown in SHOWN.items() if shown in flat or shown.replace(".", ".\u2060") in flat}


@EVERY_KIND
def test_both_languages_and_both_bodies_tell_the_same_facts(writer: LetterWriter, kind: LetterKind) -> None:
    for language in Language:
        message = writer.write(a_letter(kind, language))
        assert facts_in(message.text) == NEEDED[kind], language
        assert facts_in(Seen(message.html).text) == NEEDED[kind], language


@EVERY_KIND
@EVERY_LANGUAGE
def test_both_bodies_say_the_same_words(writer: LetterWriter, kind: LetterKind, language: Language) -> None:
    message = writer.write(a_letter(kind, language))
    page = squeezed(Seen(message.html).text)
    pieces = [squeezed(piece) for piece in re.split(r"\n\n|-- \n", message.text)]
    assert [piece for piece in pieces if piece not in page] == []
    # And nothing beyond that but the server's name as a heading.
    assert len("".join(pieces)) == len(page) - len(squeezed(SERVER))


def squeezed(text: str) -> str:
    """Without spaces, line breaks, and the colon that text has in place of a button."""
    return "".join(text.replace(":", "").split())


@EVERY_KIND
@EVERY_LANGUAGE
def test_what_people_chose_is_never_markup(writer: LetterWriter, kind: LetterKind, language: Language) -> None:
    message = writer.write(a_letter(kind, language))
    page = Seen(message.html)
    assert "script" not in page.tags
    assert not page.tags & {"b", "house"}
    assert SERVER in page.text
    assert SERVER in message.subject


@EVERY_KIND
@EVERY_LANGUAGE
def test_nothing_is_loaded_and_only_letters_with_a_link_have_links(
    writer: LetterWriter, kind: LetterKind, language: Language
) -> None:
    message = writer.write(a_letter(kind, language))
    page = Seen(message.html)
    allowed = {FACTS["url"]} if "url" in NEEDED[kind] else set()
    assert set(page.links) == allowed
    assert not page.tags & {"img", "link", "script", "iframe", "form", "object", "video"}
    assert "url(" not in message.html
    assert ("://" in message.text) is bool(allowed)


@EVERY_KIND
@EVERY_LANGUAGE
def test_the_subject_is_one_line_without_a_code(writer: LetterWriter, kind: LetterKind, language: Language) -> None:
    subject = writer.write(a_letter(kind, language)).subject
    assert subject == " ".join(subject.split())
    assert FACTS["code"] not in subject


@EVERY_KIND
def test_the_languages_differ(writer: LetterWriter, kind: LetterKind) -> None:
    english, chinese = (writer.write(a_letter(kind, language)) for language in Language)
    assert english.subject != chinese.subject
    assert 'lang="en"' in english.html
    assert 'lang="zh-CN"' in chinese.html
    assert re.search("[\u4e00-\u9fff]", chinese.text)
    assert not re.search("[\u3000-\u9fff]", english.text)


@pytest.mark.parametrize("kind, fact", [(kind, fact) for kind, facts in NEEDED.items() for fact in sorted(facts)])
@EVERY_LANGUAGE
def test_a_missing_fact_is_an_error(writer: LetterWriter, kind: LetterKind, fact: str, language: Language) -> None:
    letter = a_letter(kind, language)
    with pytest.raises(KeyError, match=fact):
        writer.write(Letter(kind, letter.to, language, {k: v for k, v in letter.facts.items() if k != fact}))


@EVERY_LANGUAGE
def test_every_change_that_is_written_about_has_its_words(writer: LetterWriter, language: Language) -> None:
    said = {action: writer.write(a_letter(LetterKind.FACTOR_CHANGED, language, what=action)).text for action in NOTICED}
    for action, text in said.items():
        assert action.value not in text
    assert len(set(said.values())) == len(NOTICED)


@EVERY_LANGUAGE
def test_an_unknown_address_is_called_so(writer: LetterWriter, language: Language) -> None:
    for unknown in ("?", ""):
        text = writer.write(a_letter(LetterKind.SIGN_IN_CODE, language, address=unknown)).text
        assert ("unknown address" if language is Language.ENGLISH else "未知地址") in text


@EVERY_LANGUAGE
def test_a_rejection_without_a_reason_has_none(writer: LetterWriter, language: Language) -> None:
    text = writer.write(a_letter(LetterKind.SIGN_UP_REJECTED, language, reason="")).text
    assert ("The reason given" if language is Language.ENGLISH else "给出的原因") not in text


@EVERY_LANGUAGE
def test_a_name_that_a_stranger_chose_becomes_no_link(writer: LetterWriter, language: Language) -> None:
    for kind in (LetterKind.SIGN_UP_CODE, LetterKind.CONFIRM_ADDRESS):
        message = writer.write(a_letter(kind, language, username="win.example"))
        assert "win.example" not in message.text + message.html


@pytest.mark.parametrize("hidden", ["\r\n", "\x00", "\u202e", "\u2028", "\u2066", "\x85"])
def test_what_is_not_seen_is_not_written(writer: LetterWriter, hidden: str) -> None:
    letter = a_letter(LetterKind.SIGN_UP_REJECTED, Language.ENGLISH, reason=f"one{hidden}two", username=f"a{hidden}b")
    message = writer.write(letter)
    assert "one two" in message.text
    assert f"one{hidden}two" not in message.text + message.html


def test_a_server_can_not_name_itself_into_a_second_header() -> None:
    message: Message = JinjaLetterWriter("Film\r\nBcc: all@example.org").write(
        a_letter(LetterKind.TEST, Language.ENGLISH)
    )
    assert "\n" not in message.subject
    assert "\r" not in message.subject
