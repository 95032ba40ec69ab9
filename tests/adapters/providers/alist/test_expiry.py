"""When signed addresses run out."""

from __future__ import annotations

import pytest

from synctv.adapters.providers.alist.expiry import expiry_of


@pytest.mark.parametrize(
    "query, seconds",
    [
        ("Expires=1767229200&Signature=x", 1_767_229_200),
        ("x-oss-expires=1767229200", 1_767_229_200),
        ("sign=abc-_%3D%3A1767229200", 1_767_229_200),
        ("sign=abc=:0", None),
        ("exp=1767229200&e=1767229100", 1_767_229_100),
        ("X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600", 1_767_229_200),
        ("X-Amz-Date=20260101&X-Amz-Expires=3600", None),
        ("X-Amz-Date=20260101T000000Z&X-Amz-Expires=99999999", None),
        ("expires=-1", None),
        ("expires=99999999999999", None),
        ("e=5", None),
        ("expires=١٧٦٧٢٢٩٢٠٠", None),
        ("&".join(["a=1"] * 200), None),
        ("", None),
    ],
)
def test_the_address_tells(query: str, seconds: int | None) -> None:
    assert expiry_of(f"https://cloud.test/a.mp4?{query}") == (None if seconds is None else seconds * 1_000_000)


def test_nonsense_tells_nothing() -> None:
    assert expiry_of("https://[") is None
