"""How uvloop says that a connection is closed, of which nobody has heard yet."""

from __future__ import annotations


def is_closed_handle(error: BaseException) -> bool:
    """Whether something was written to a connection between its end and the news of it.

    The transports of asyncio ignore that, and drivers are written for those: they hand on what uvloop raises.
    """
    return isinstance(error, RuntimeError) and "the handler is closed" in str(error)
