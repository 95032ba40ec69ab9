"""People who sign in at the same moment, in a process of their own. What they are to do comes as JSON in the argument.

Prints a line of JSON: how long all of them took together, and the processor time of this process, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode

import aiohttp
import msgspec
import opaque_ke_py

LOGIN = "/api/v1/auth/login"
START = "/api/v1/auth/opaque/start"


class Plan(msgspec.Struct):
    """Who signs in where: each of the names once, all at the same moment, for so many rounds."""

    url: str
    names: list[str]
    password: str
    opaque: bool
    rounds: int


class Signer:
    """Somebody at an address of their own."""

    def __init__(self, plan: Plan, session: aiohttp.ClientSession, number: int) -> None:
        self._plan = plan
        self._session = session
        self._name = plan.names[number]
        self._headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}

    async def sign_in(self) -> None:
        """Raises `SystemExit` when the server would not have it."""
        if self._plan.opaque:
            proof = await self._opaque_proof()
        else:
            proof = {"kind": "password", "username": self._name, "password": self._plan.password}
        await self._post(LOGIN, {"proof": proof})

    async def _opaque_proof(self) -> dict[str, str]:
        password = self._plan.password.encode()
        begun = opaque_ke_py.client_login_start(password)
        answer = await self._post(START, {"username": self._name, "request": _text(begun.get_message())})
        # As slow as in a browser, and done here one after the other.
        done = opaque_ke_py.client_login_finish(password, begun.get_state(), _bytes(answer["response"]))
        return {"kind": "opaque", "flow": answer["flow"], "finalization": _text(done.get_message())}

    async def _post(self, path: str, body: object) -> dict[str, str]:
        async with self._session.post(self._plan.url + path, json=body, headers=self._headers) as answer:
            said: dict[str, str] = await answer.json()
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}: {said}")
            return said


async def main(plan: Plan) -> None:
    # Everybody has a connection of their own, as in life; none waits for another one's.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as session:
        signers = [Signer(plan, session, number) for number in range(len(plan.names))]
        cpu, began = time.process_time(), time.perf_counter()
        for _ in range(plan.rounds):
            async with asyncio.TaskGroup() as group:
                for signer in signers:
                    group.create_task(signer.sign_in())
        print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))


def _text(message: bytes) -> str:
    return urlsafe_b64encode(message).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Plan)))
