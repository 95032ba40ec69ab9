"""Which private servers may be called, over management."""

from __future__ import annotations

from collections.abc import Sequence

from synctv.application.application import Application
from synctv.application.operation.egress import Destinations
from synctv.domain.delivery.egress import HOME_NETWORKS
from synctv.domain.errors import Invalid
from synctv.entrypoints.wire.synctv import v1 as wire


async def get_egress(application: Application, message: wire.GetEgressRequest) -> wire.GetEgressResponse:
    """What is allowed."""
    return wire.GetEgressResponse(destinations=_view(await application.egress.show()))


async def allow_egress(application: Application, message: wire.AllowEgressRequest) -> wire.AllowEgressResponse:
    """More."""
    found = await application.egress.allow(_named(message))
    return wire.AllowEgressResponse(destinations=_view(found))


async def forbid_egress(application: Application, message: wire.ForbidEgressRequest) -> wire.ForbidEgressResponse:
    """Less."""
    found = await application.egress.forbid(_named(message))
    return wire.ForbidEgressResponse(destinations=_view(found))


def _named(message: wire.AllowEgressRequest | wire.ForbidEgressRequest) -> Sequence[str]:
    named = [*message.destinations, *(HOME_NETWORKS if message.home_networks else ())]
    if not named:
        raise Invalid.field("destinations", "Name a network, an address or a host, or the home networks.", "required")
    return named


def _view(found: Destinations) -> wire.EgressDestinations:
    return wire.EgressDestinations(configured=list(found.configured), allowed=list(found.allowed))
