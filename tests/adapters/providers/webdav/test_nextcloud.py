"""Searching a Nextcloud: what people type means nothing but itself."""

from __future__ import annotations

from xml.etree import ElementTree

from synctv.adapters.providers.webdav.nextcloud import can_search, search_body

DAV = "{DAV:}"


def test_signs_that_mean_something_there_are_escaped() -> None:
    body = ElementTree.fromstring(search_body('100%_<b> & "\\', "/files/u&7/a", 50, 25))
    assert [one.text for one in body.iter(f"{DAV}literal")] == ['%100\\%\\_<b> & "\\\\%']
    assert [one.text for one in body.iter(f"{DAV}href")] == ["/files/u&7/a"]
    assert [one.text for one in body.iter(f"{DAV}nresults")] == ["25"]
    assert [one.text for one in body.iter("{http://nextcloud.org/ns}firstresult")] == ["50"]


def test_only_an_account_with_an_id_of_its_own_can_search() -> None:
    assert can_search(("remote.php", "dav", "files", "u-7"))
    for root in (("remote.php", "webdav"), ("seafdav",), (), ("remote.php", "dav", "files")):
        assert not can_search(root)
