"""Letters in the form of the wire: whole after the way, and with no header but ours."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.mail.message import Envelope, NotAnAddress, composed
from synctv.application.ports.mail_sender import Message
from synctv.domain.ids import MICROS, MailId
from tests.builders import NOW

ID = MailId("mail_01h455vb4pex5vsknk084sn02q")
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
}
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def envelope(
    to: str = "ada@example.org",
    subject: str = "A subject",
    text: str = "Words.\n",
    html: str = "<p>Words.</p>\n",
    name: str = "SyncTV",
    sender: str = "tv@example.org",
) -> Envelope:
    return composed(Message(to, subject, text, html), ID, NOW, sender, name)


def parsed(made: Envelope) -> EmailMessage:
    return message_from_bytes(made.content, policy=policy.default)


def test_it_says_what_it_is() -> None:
    message = parsed(envelope())
    assert set(message.keys()) == HEADERS
    assert message["From"] == "SyncTV <tv@example.org>"
    assert message["To"] == "ada@example.org"
    assert message["Message-ID"] == f"<{ID}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]).timestamp() == NOW // MICROS
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@given(subject=ANY_TEXT, name=ANY_TEXT)
def test_no_text_becomes_a_header(subject: str, name: str) -> None:
    made = envelope(subject=f"{subject}\r\nBcc: all@example.org", name=f"{name}\nBcc: all@example.org")
    message = parsed(made)
    assert set(message.keys()) == HEADERS
    assert [address.addr_spec for address in message["From"].addresses] == ["tv@example.org"]
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@example.org"]
    assert b"\r\nBcc:" not in made.content


@pytest.mark.parametrize("name", ['Ada\'s "Kino", Köln', "电影之夜", "a@b.example", "Name, With <Signs>", "x" * 80])
def test_names_of_every_kind_arrive(name: str) -> None:
    message = parsed(envelope(name=name, subject=f"{name} " * 5))
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "tv@example.org")
    assert message["Subject"] == (f"{name} " * 5).strip()


@pytest.mark.parametrize(
    "words", ["Grüße\n", "请输入验证码。\n" * 50, "From here on\n.\n..\nend\n", "x" * 5_000 + "\n"]
)
def test_words_of_every_kind_arrive_in_ascii_and_short_lines(words: str) -> None:
    made = envelope(text=words, html=f"<p>{words}</p>\n")
    assert made.content.isascii()
    assert max(map(len, made.content.split(b"\r\n"))) <= 998
    assert b"\n" not in made.content.replace(b"\r\n", b"")
    text = parsed(made).get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == words


def test_only_an_address_beyond_ascii_needs_more_than_ascii() -> None:
    assert not envelope(to="ada@bücher.example", name="电影").utf8
    made = envelope(to="用户@example.org")
    assert made.utf8
    assert "用户@example.org" in made.content.decode()


@pytest.mark.parametrize(
    "address", ["", "ada", "@", "ada@\u2028example.org", "ada\r\nBcc: b@example.org", "ada@é..org"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(NotAnAddress):
        envelope(to=address)
