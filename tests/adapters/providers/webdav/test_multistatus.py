"""Documents that servers answer with: what is read from them, and what never is."""

from __future__ import annotations

import pytest

from synctv.adapters.providers.webdav.multistatus import (
    MAX_RESOURCES,
    MultistatusError,
    Resource,
    children_of,
    names_of,
    resources_of,
)

OPEN = '<?xml version="1.0" encoding="utf-8"?><d:multistatus xmlns:d="DAV:" xmlns:x="urn:x">'


def document(*responses: str) -> bytes:
    return f"{OPEN}{''.join(responses)}</d:multistatus>".encode()


def response(href: str, properties: str = "", status: str = "HTTP/1.1 200 OK", more: str = "") -> str:
    told = f"<d:status>{status}</d:status>" if status else ""
    return (
        f"<d:response><d:href>{href}</d:href>{more}<d:propstat><d:prop>{properties}</d:prop>{told}</d:propstat>"
        "</d:response>"
    )


def test_files_and_folders_are_read() -> None:
    found = resources_of(
        document(
            response("/a/", "<d:resourcetype><d:collection/></d:resourcetype><d:getcontentlength/>"),
            response(
                "/a/b%20c.mp4",
                '<d:resourcetype/><d:getcontentlength> 12 </d:getcontentlength><d:getetag>W/"1"</d:getetag>'
                "<d:getlastmodified>yesterday</d:getlastmodified>",
            ),
        )
    )
    assert found == [
        Resource(("a",), is_folder=True),
        Resource(("a", "b c.mp4"), is_folder=False, size=12, modified="yesterday", etag='W/"1"'),
    ]
    assert [one.version for one in found] == ["None-", 'W/"1"']


def test_what_the_server_does_not_know_and_what_failed_is_left_out() -> None:
    unknown = "<d:resourcetype><d:collection/></d:resourcetype>"
    found = resources_of(
        document(
            response("/a", unknown, "HTTP/1.1 404 Not Found"),
            response("/b", more="<d:status>HTTP/1.1 403 Forbidden</d:status>"),
            response("/c", unknown, ""),
            "<d:response/>",
        )
    )
    assert found == [Resource(("a",), is_folder=False), Resource(("c",), is_folder=True)]


def test_an_address_inside_a_property_is_not_the_resource_s() -> None:
    lock = "<d:lockdiscovery><d:href>/evil</d:href></d:lockdiscovery><x:href>/evil</x:href><x:getetag>no</x:getetag>"
    assert resources_of(document(response("/a", lock))) == [Resource(("a",), is_folder=False)]
    first = f"<d:response><d:propstat><d:prop>{lock}</d:prop></d:propstat><d:href>/a</d:href></d:response>"
    assert resources_of(document(first)) == [Resource(("a",), is_folder=False)]


@pytest.mark.parametrize("size", ["", "-1", "1e9", "٣", "9" * 40, "twelve"])
def test_sizes_that_are_none_are_unknown(size: str) -> None:
    (found,) = resources_of(document(response("/a", f"<d:getcontentlength>{size}</d:getcontentlength>")))
    assert found.size is None


@pytest.mark.parametrize(
    "href, names",
    [
        ("/a/%E5%BD%B1%20%231.mkv", ("a", "影 #1.mkv")),
        ("/a/%e5%bd%b1", ("a", "影")),
        ("/a/影 #1?.mkv", ("a", "影 #1?.mkv")),
        ("http://10.0.0.5:8080/a/b", ("a", "b")),
        ("//a//b/", ("a", "b")),
        ("/a/100%.mp4", ("a", "100%.mp4")),
        ("/a/%2541", ("a", "%41")),
        ("/", ()),
        ("http://host", ()),
        ("/a/..%2fb", None),
        ("/a/../b", None),
        ("/a/%2e%2e/b", None),
        ("/a/b%00", None),
        ("/a/%ff", None),
    ],
)
def test_names_are_decoded_and_never_lead_elsewhere(href: str, names: tuple[str, ...] | None) -> None:
    assert names_of(href) == names


def folder(*names: str) -> Resource:
    return Resource(names, is_folder=True)


def test_children_are_what_lies_in_the_folder_whatever_the_order() -> None:
    listed = [folder("a", "x"), folder("a", "x", "deep"), folder("b"), folder("a"), folder("a", "x")]
    itself, children = children_of(listed, ("a",))
    assert itself == folder("a")
    assert children == [folder("a", "x")]


def test_a_server_that_calls_itself_otherwise_is_understood() -> None:
    itself, children = children_of([folder("in", "a", "x"), folder("in", "a"), folder("in", "a", "y")], ("out", "a"))
    assert itself == folder("in", "a")
    assert [child.name for child in children] == ["x", "y"]
    assert children_of([folder("in", "x"), folder("in", "y")], ("a",)) == (None, [])
    assert children_of([], ("a",)) == (None, [])


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    ']><d:multistatus xmlns:d="DAV:"><d:response><d:href>/&b;</d:href></d:response></d:multistatus>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<d:multistatus xmlns:d="DAV:"><d:response><d:href>/&x;</d:href></d:response></d:multistatus>'
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>hello</body></html>",
        b"{}",
        document(response("/a"))[:-10],
        BOMB.encode(),
        OUTSIDE.encode(),
        b'<!DOCTYPE html><d:multistatus xmlns:d="DAV:"/>',
        f"{OPEN}{'<d:x>' * 10_000}".encode(),
        document(response("/&nosuch;")),
        b'<?xml version="1.0" encoding="no-such"?><d:multistatus xmlns:d="DAV:"/>',
        b'<multistatus xmlns="urn:other"/>',
        b"\xff\xfe\x00",
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(MultistatusError):
        resources_of(body)


def test_a_folder_without_end_is_refused() -> None:
    one = response("/a")
    assert len(resources_of(document(one * MAX_RESOURCES))) == MAX_RESOURCES
    with pytest.raises(MultistatusError):
        resources_of(document(one * (MAX_RESOURCES + 1)))


def test_an_endless_text_is_cut() -> None:
    (found,) = resources_of(document(response("/a", f"<d:getetag>{'x' * 1_000_000}</d:getetag>")))
    assert len(found.etag) < 20_000
