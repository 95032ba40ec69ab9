"""Letters in words, from templates.

Each letter is one template for each language. It is made of parts (`parts.jinja`) in a frame (`letter.jinja`), both of
which exist once as text and once as HTML: so the two bodies of a letter can't say different things.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError

from synctv.application.ports.letters import Letter, LetterWriter
from synctv.application.ports.mail_sender import Message
from synctv.domain.ids import MICROS

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 72
_WORD_JOINER = "\u2060"
# Control characters, and those that turn the direction of the words around them.
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_GAP = re.compile(r"\n{3,}")


class JinjaLetterWriter(LetterWriter):
    """Writes in the name of this server."""

    def __init__(self, server: str) -> None:
        """`server`: what the server calls itself."""
        self._server = _one_line(server)
        self._text = _environment("text")
        self._html = _environment("html")

    def write(self, letter: Letter) -> Message:
        """The letter in its language, as text and as HTML. Raises `KeyError` for a missing fact."""
        known = {name: _one_line(fact) for name, fact in letter.facts.items()}
        facts = {**known, "server": self._server, "language": letter.language.value}
        name = f"{letter.language.value}/{letter.kind.value}.jinja"
        try:
            subject = _block(self._text, name, "subject", facts)
            text = self._text.get_template(name).render(facts)
            html = self._html.get_template(name).render(facts)
        except UndefinedError as error:
            raise KeyError(error.message) from None
        return Message(letter.to, _one_line(subject).strip(), _GAP.sub("\n\n", text).strip() + "\n", html)


@cache
def _environment(form: str) -> Environment:
    """Of which one is enough: what it keeps is the templates that it has read."""
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES / form, TEMPLATES / "letters"]),
        autoescape=form == "html",  # noqa: S701 - text is no markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(wrapped=_wrapped, moment=_moment, unlinked=_unlinked)
    return environment


def _block(environment: Environment, name: str, block: str, facts: Mapping[str, str]) -> str:
    template = environment.get_template(name)
    # What the template imports is known to its blocks only once all of it was rendered, and a subject needs none.
    return "".join(template.blocks[block](template.new_context(dict(facts))))


def _one_line(text: str) -> str:
    """Without line breaks and without characters that are not seen but change what is read."""
    return _UNSHOWN.sub(" ", text)


def _wrapped(text: str) -> str:
    """A paragraph of plain text in lines of at most 72 characters; addresses and Chinese are not broken."""
    return textwrap.fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def _moment(at: str) -> str:
    """An instant in microseconds since the epoch, as people everywhere read it."""
    return f"{datetime.fromtimestamp(int(at) // MICROS, UTC):%Y-%m-%d %H:%M} UTC"


def _unlinked(name: str) -> str:
    """A name that a stranger chose, so that no mail program makes a link of one such as `win.example`."""
    return name.replace(".", f".{_WORD_JOINER}")
