"""A worker's answers that a test wrote, in the form in which workers give them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from synctv.adapters.extractors.extractor import Extraction, Extractor, Job
from synctv.adapters.extractors.failures import error_of
from synctv.adapters.extractors.info import Failure, Info
from synctv.adapters.extractors.pages import site_of
from synctv.application.ports.clock import Clock
from synctv.domain.ids import Micros


class ScriptedExtractor(Extractor):
    """Answers what `shows` and `fails` told it to; no other page is known. `jobs` are all that were done."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._answers: dict[str, Info | Failure] = {}
        self._clock = clock
        self.jobs: list[Job] = []

    def shows(self, url: str, **info: object) -> None:
        """From now on this is on the page."""
        self._answers[url] = msgspec.convert(info, Info)

    def fails(self, url: str, kind: str, message: str = "") -> None:
        """From now on the page can't be read."""
        self._answers[url] = Failure(kind, message)

    async def extract(self, job: Job) -> Extraction:
        """The answer for the page."""
        self.jobs.append(job)
        answer = self._answers.get(job.url, Failure("unsupported"))
        if isinstance(answer, Failure):
            raise error_of(answer, site_of(job.url))
        return Extraction(answer, self._clock.now() if self._clock else Micros(0))


def file(name: str, **fields: object) -> Mapping[str, object]:
    """A format that is one file."""
    return {"id": name, "url": f"https://media.test/{name}", "ext": "mp4", **fields}
