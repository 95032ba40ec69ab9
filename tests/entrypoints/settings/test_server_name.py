"""What the server calls itself reaches everybody who is told of it."""

from __future__ import annotations

from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.webauthn import PasskeyUser, Site
from synctv.domain.accounts.account import Language
from tests.applications import MemoryPorts, cheap_passwords, memory_container
from tests.builders import NOW

NAME = "Film night"


def test_letters_passkeys_and_authenticator_apps_show_the_name_of_the_server() -> None:
    with cheap_passwords() as passwords:
        container = memory_container(MemoryPorts(passwords), {"server": {"name": NAME}})
        letter = Letter(LetterKind.TEST, "ada@example.org", Language.ENGLISH, {"at": str(NOW)})
        site, user = Site("https://tv.example.org", "tv.example.org"), PasskeyUser(b"handle", "ada")
        assert container.letter_writer().write(letter).subject == f"{NAME} can send email"
        assert container.ceremonies().creation_options(site, user, b"challenge", [])["rp"]["name"] == NAME
        assert container.application().authenticator.issuer == NAME
