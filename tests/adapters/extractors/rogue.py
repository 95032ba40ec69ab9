"""A worker that keeps the contract and does whatever its job's address says, for the faults that libraries may have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

EATER = "import time; eaten = b'x' * (300 << 20); time.sleep(3_600)"
WRAPPER = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {EATER!r}])"
"""Starts what eats, and waits for it, as scripts around a program do."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


setup = json.loads(sys.stdin.readline())
for line in sys.stdin:
    job = json.loads(line)
    deed = job["url"].rpartition("/")[2]
    if deed == "hang":
        time.sleep(3_600)
    elif deed == "eat":
        eaten = []
        while True:
            eaten.append(bytearray(b"x" * (8 << 20)))
    elif deed == "breed":
        subprocess.run([sys.executable, "-c", WRAPPER], check=False)
    elif deed == "shout":
        for _ in range(200):
            sys.stdout.write("x" * (1 << 20))
        say("")
    elif deed == "crash":
        os._exit(3)
    elif deed == "nonsense":
        say("[1, 2")
    elif deed == "unknown":
        say(json.dumps({"failure": {"kind": "something new", "message": "Ouch"}}))
    else:
        title = f"{os.getpid()}"
        seen = {"environment": dict(os.environ), "arguments": sys.argv}
        formats = [{"id": "1", "url": "http://media.test/a.mp4"}]
        chapters = [{"start": 0, "title": json.dumps(seen)}]
        say(json.dumps({"info": {"title": title, "formats": formats, "chapters": chapters}}))
