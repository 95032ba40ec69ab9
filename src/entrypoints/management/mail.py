"""Mail over management."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.domain.accounts.account import Language
from synctv.entrypoints.management.decoding import choice
from synctv.entrypoints.wire.synctv import v1 as wire


async def send_test(application: Application, message: wire.TestMailRequest) -> wire.TestMailResponse:
    """Sends a letter."""
    language = choice(Language, message.language or Language.ENGLISH, "language")
    await application.mail.test(message.to, language)
    return wire.TestMailResponse()


async def get_status(application: Application, message: wire.GetMailStatusRequest) -> wire.GetMailStatusResponse:
    """How mail stands."""
    status = await application.mail.status()
    return wire.GetMailStatusResponse(configured=status.configured, waiting=status.waiting)
