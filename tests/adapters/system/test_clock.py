"""What the machine's clock does beyond the contract of its port."""

from __future__ import annotations

from pathlib import Path

from synctv.adapters.system.clock import SystemClock


def test_it_starts_at_the_wall_clock(tmp_path: Path) -> None:
    # A file's time is the one other clock at hand.
    (tmp_path / "now").touch()
    wall = (tmp_path / "now").stat().st_mtime_ns // 1_000
    assert abs(SystemClock().now() - wall) < 60_000_000


def test_two_clocks_of_one_machine_stay_together() -> None:
    first, second = SystemClock(), SystemClock()
    assert abs(first.now() - second.now()) < 60_000_000
