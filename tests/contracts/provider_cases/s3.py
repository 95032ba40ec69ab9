"""A bucket of moto, which speaks S3 over a socket."""

from __future__ import annotations

from contextlib import asynccontextmanager

from synctv.adapters.providers.s3.provider import S3Provider
from synctv.adapters.system.clock import SystemClock
from tests.adapters.providers.s3.server import ACCESS, BUCKET, SECRET, local_fetch, moto
from tests.contracts.provider_cases import Case, World, Worlds


@asynccontextmanager
async def bucket() -> Worlds:
    with moto() as origin:
        async with local_fetch() as fetch:
            provider = S3Provider(fetch, SystemClock())
            fields = {"server": origin, "bucket": BUCKET, "access_key": ACCESS, "secret_key": SECRET}
            new = await provider.sign_in("minio", fields)
            yield World(
                provider,
                {"path": "shows/One/1.mkv"},
                new.login,
                folder="shows/",
                query="one",
                form="minio",
                fields=fields,
            )


def cases() -> list[Case]:
    return [Case("s3", bucket)]
