"""Long folders that are kept for their next pages."""

from __future__ import annotations

from synctv.adapters.providers.webdav.account import Account
from synctv.adapters.providers.webdav.pages import MAX_ENTRIES, Pages
from synctv.application.ports.providers import ListedFolder
from synctv.domain.ids import Micros

ANNA, BERT = Account("https://nas.test", username="anna"), Account("https://nas.test", username="bert")
NOW, LATER = Micros(0), Micros(60_000_000)


def folders(count: int) -> list[ListedFolder]:
    return [ListedFolder("/a", "a")] * count


def test_a_folder_is_kept_for_a_minute_and_for_who_listed_it() -> None:
    pages, entries = Pages(), folders(3)
    pages.put((ANNA, ("a",)), entries, NOW)
    assert pages.get((ANNA, ("a",)), NOW) is entries
    assert pages.get((BERT, ("a",)), NOW) is None
    assert pages.get((ANNA, ("a",)), LATER) is None


def test_what_is_kept_has_a_bound() -> None:
    pages = Pages()
    for number in range(20):
        pages.put((ANNA, (str(number),)), folders(MAX_ENTRIES // 10), NOW)
    kept = [number for number in range(20) if pages.get((ANNA, (str(number),)), NOW) is not None]
    assert kept == list(range(10, 20))
    pages.put((ANNA, ("19",)), folders(1), NOW)
    pages.put((ANNA, ("huge",)), folders(MAX_ENTRIES + 1), NOW)
    assert pages.get((ANNA, ("huge",)), NOW) is None
