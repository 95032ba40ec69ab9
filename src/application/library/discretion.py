"""Discretion: where somebody's media lie is told to them alone.

Who owns a source is who added it: its server is theirs, or one that they sign in to. What goes wrong there is told to
everybody, and at which server only to them and to the log: others may be strangers, and the server may stand in
somebody's home. Whoever types an address or uses a sign-in of their own is its owner in that request.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from synctv.domain.errors import NOT_TOLD, Invalid, UpstreamFailed
from synctv.domain.rooms.actor import ActorRef

log = logging.getLogger(__name__)

ITEMS_SERVER = "The item's server"
FOLDERS_SERVER = "The folder's server"


@contextmanager
def discretion(owner: ActorRef, viewer: str, called: str, *, known: Collection[str] = ()) -> Iterator[None]:
    """Whatever fails at the owner's servers while the block runs is told to this viewer without naming them.

    `viewer` is the id of an account or a guest, `called` stands for the server in the sentence. Hosts in `known` are
    named all the same: the viewer is given their addresses anyway.
    """
    try:
        yield
    except UpstreamFailed as error:
        if viewer == owner.id or error.host in known:
            raise
        log.info("%s, as told without its place: %s", called, error)
        raise error.without_place(called) from None
    except Invalid as error:
        if viewer == owner.id:
            raise
        # What is wrong is the owner's source, of which these have typed nothing.
        log.info("%s, as told without its place: %s", called, error)
        raise UpstreamFailed(called, NOT_TOLD) from None
