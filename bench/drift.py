"""How far apart two viewers are: two Chromium pages on one film, their `currentTime` sampled against one clock.

Both pages run in one headless Chromium on the machine of the server. Each samples `currentTime` of its video every
20 ms together with the machine's clock (`performance.timeOrigin + performance.now()`); the drift at an instant is the
difference of the two positions, interpolated to that instant. `python bench/drift.py --help` tells what can be varied.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measures import taken
from tests.e2e.browsers import Person, chromium
from tests.e2e.film import CLOCK, make_film, media_host
from tests.servers.synctv import SynctvServer

SAMPLE = """
() => {
  const video = document.querySelector('video')
  window.__samples = []
  window.__sampler = setInterval(() => {
    if (window.__synctv && video.readyState >= 2)
      window.__samples.push([performance.timeOrigin + performance.now(), video.currentTime, video.paused])
  }, 20)
}
"""
STEP_MS = 20.0
SETTLING_SECONDS = 5.0
AFTER_MS = 1_000.0

Sample = tuple[float, float, bool]


@dataclass(frozen=True)
class Viewer:
    """One page's samples, oldest first: the machine's time in ms, the position in seconds, whether it stood."""

    samples: Sequence[Sample]

    def position(self, at: float) -> tuple[float, bool] | None:
        """The position at an instant, interpolated, and whether the video stood; None outside the samples."""
        index = bisect_left(self.samples, at, key=lambda sample: sample[0])
        if index == 0 or index == len(self.samples):
            return None
        (before, low, _), (after, high, paused) = self.samples[index - 1], self.samples[index]
        share = (at - before) / (after - before) if after > before else 0.0
        return low + (high - low) * share, paused


def drifts(one: Viewer, two: Viewer, start: float, end: float) -> list[float]:
    """The distance of the two in ms, every 20 ms between two instants."""
    found, at = [], start
    while at < end:
        a, b = one.position(at), two.position(at)
        if a is not None and b is not None:
            found.append(abs(a[0] - b[0]) * 1_000)
        at += STEP_MS
    return found


def figures(values: list[float]) -> str:
    """p50, p95 and the largest."""
    if len(values) < 2:
        return "no samples"
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return f"p50 {cuts[49]:6.1f}   p95 {cuts[94]:6.1f}   max {max(values):6.1f} ms   ({len(values)} samples)"


async def measure(steady_seconds: float, commands: int, film_seconds: int) -> None:
    """Runs it all and prints."""
    with tempfile.TemporaryDirectory() as folder:
        print("Making the film (1920x1080, H.264, 30 frames a second, its time burned in) ...", flush=True)
        make_film(Path(folder) / "film.mp4", seconds=film_seconds, picture=CLOCK)
        server = SynctvServer(Path(folder) / "data")
        await server.start()
        try:
            async with media_host(Path(folder)) as media, chromium() as browser:
                people = [await Person.enter(browser), await Person.enter(browser)]
                await _gather(people, server, f"{media}/film.mp4")
                await _run(people, steady_seconds, commands)
        finally:
            await server.discard()


async def _gather(people: Sequence[Person], server: SynctvServer, film: str) -> None:
    host, guest = people
    await host.page.goto(f"{server.http}/signin")
    await host.at("signin-username").fill("root")
    await host.at("signin-password").fill("correct horse")
    await host.at("signin-submit").click()
    await host.create_room("Bench")
    await guest.join_as_guest(await host.invite_link(), "Guest")
    await host.add(film)
    for person in people:
        await person.sees("s.playing && s.mediaTime > 0.5")
        await person.page.evaluate(SAMPLE)


async def _run(people: Sequence[Person], steady_seconds: float, commands: int) -> None:
    host = people[0]
    await asyncio.sleep(SETTLING_SECONDS)
    start = await _now(host)
    await asyncio.sleep(steady_seconds)
    end = await _now(host)
    moments: dict[str, list[float]] = {"pause": [], "play": [], "seek": []}

    async def give(name: str, act: Callable[[], Awaitable[None]]) -> None:
        moments[name].append(await _now(host))
        await act()
        await asyncio.sleep(2.5)

    for number in range(commands):
        await give("pause", host.at("player-toggle").click)
        await give("play", host.at("player-toggle").click)
        target = 20.0 + 7.0 * (number % 10)
        await give("seek", lambda target=target: host.seek(target))  # type: ignore[misc]
    one, two = [Viewer(await _samples(person)) for person in people]
    print(f"\nTwo pages in one headless Chromium on the machine of the server.\n{taken()}\n")
    print(f"  steady, {steady_seconds:g} s      {figures(drifts(one, two, start, end))}")
    for name, times in moments.items():
        after = [value for at in times for value in drifts(one, two, at + AFTER_MS, at + AFTER_MS + 1_000)]
        print(f"  1 s after {name:<8} {figures(after)}")
    print("\nEach page's own word:", json.dumps([await person.sync() for person in people]))


async def _samples(person: Person) -> list[Sample]:
    found: list[Sample] = await person.page.evaluate("() => window.__samples")
    return found


async def _now(person: Person) -> float:
    return float(await person.page.evaluate("() => performance.timeOrigin + performance.now()"))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steady", type=float, default=60.0, help="seconds of steady play (60)")
    parser.add_argument("--commands", type=int, default=6, help="times that each command is given (6)")
    parser.add_argument("--film", type=int, default=200, help="length of the film in seconds (200)")
    options = parser.parse_args()
    asyncio.run(measure(options.steady, options.commands, options.film))


if __name__ == "__main__":
    main()
