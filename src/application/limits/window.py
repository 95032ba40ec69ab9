"""The arithmetic of a sliding window that is kept as two counters.

Time is cut into windows of one length. What happened within the last length of time is taken to be all of the present
window and as much of the previous one as still lies in it, as if that had been spread evenly:

    previous * (length - elapsed) / length + present

All numbers are whole, so that nothing is rounded but the answer: up, to the next microsecond.
"""

from __future__ import annotations


def wait_for_one_more(limit: int, previous: int, present: int, elapsed: int, length: int) -> int:
    """Microseconds until one more fits under the limit if nothing else happens; 0 when it does now.

    `previous` and `present` are how many there were in both windows, `elapsed` is how far into the present window it is
    (from 0 to below `length`). A limit of at least 1 is assumed.
    """
    spare = limit - 1 - present
    if spare >= 0:
        return max(0, length - elapsed - _allowed_rest(spare, previous, length))
    # Not before the next window, in which the present one is the previous.
    return length - elapsed + max(0, length - _allowed_rest(limit - 1, present, length))


def _allowed_rest(spare: int, previous: int, length: int) -> int:
    """How much of the previous window may still count, in microseconds, for its share to be at most `spare`."""
    return length if previous <= spare else spare * length // previous
