"""The worker process: reads jobs from standard input, one JSON object a line, and answers each with one line.

The first line is the setup (`proxy`, `memory_mib`, `cpu_seconds`, `generic`). Everything comes in this way, so that
nothing secret is in arguments or the environment. It ends when standard input does, in the middle of a job too, and
takes with it what it started: no worker outlives its server.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from typing import BinaryIO
from urllib.parse import urlsplit

from synctv.adapters.extractors.fence import adopt_orphans, limit_resources, raise_fence


def main() -> None:
    """Works until standard input ends."""
    # Libraries that print must not disturb the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lines: queue.Queue[bytes] = queue.Queue(maxsize=1)
    threading.Thread(target=_read, args=(sys.stdin.buffer, lines), daemon=True).start()
    setup = json.loads(lines.get())
    adopt_orphans()
    limit_resources(setup["memory_mib"], setup["cpu_seconds"])
    raise_fence(urlsplit(setup["proxy"]).port or 0)
    while True:
        answer = _answer(json.loads(lines.get()), setup)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _read(source: BinaryIO, lines: queue.Queue[bytes]) -> None:
    for line in source:
        lines.put(line)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _answer(job: dict[str, object], setup: dict[str, object]) -> dict[str, object]:
    """The answer to one job. Whatever goes wrong is one."""
    try:
        if job["tool"] == "streamlink":
            from synctv.adapters.extractors import streamlink_job

            return streamlink_job.run(job, setup)
        from synctv.adapters.extractors import ytdlp_job

        return ytdlp_job.run(job, setup)
    except MemoryError:
        return {"failure": {"kind": "memory"}}
    except Exception as error:
        # The text of an unexpected error may hold anything, the proxy's password too.
        return {"failure": {"kind": "broken", "message": type(error).__name__}}


if __name__ == "__main__":
    main()
