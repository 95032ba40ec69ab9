"""Telling pages from media that are called pages."""

from __future__ import annotations

import hashlib

import pytest

from synctv.domain.delivery.pages import is_document, is_page, may_be_page

TS = b"\x47\x40\x11\x10\x00\x42\xf0\x25" + b"\xff" * 180
MP4 = b"\x00\x00\x00\x1cftypiso5\x00\x00\x02\x00iso5iso6mp41"
BINARY = b"".join(hashlib.sha512(bytes([n])).digest() for n in range(8))


@pytest.mark.parametrize(
    "beginning",
    [
        b"<!DOCTYPE html><html>",
        b"\xef\xbb\xbf\r\n\t <!doctype HTML>",
        b"  <HTML lang=en>",
        b"<head><title>Over</title>",
        b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-'>\n<html xmlns='x'>",
        b"<!-- a comment --><html>",
        b"<script>location = '/login'</script>",
        b"<center>gone</center>",
        b'{"code":401,"message":"sign expired"}',
        b'\n[{"error":1}]',
        "\ufeff<!doctype html>".encode("utf-16-le"),
        "\ufeff<html>".encode("utf-16-be"),
        "<p>Zu spät</p>".encode("latin-1"),
        b"This link has expired.",
    ],
)
@pytest.mark.parametrize("called", ["text/html", "Text/HTML; charset=x", "application/xhtml+xml", "application/json"])
def test_markup_and_json_that_are_called_pages_are_pages(called: str, beginning: bytes) -> None:
    assert may_be_page(called)
    assert is_page(called, beginning)


@pytest.mark.parametrize(
    "beginning", [TS, MP4, BINARY, b"<" + BINARY, b"{" + BINARY, b"[" + BINARY, b"\xff\xfe" + BINARY, b"\x00\x00<html>"]
)
@pytest.mark.parametrize("called", ["text/html", "application/json", "text/plain", None])
def test_media_are_media_whatever_they_are_called(called: str | None, beginning: bytes) -> None:
    assert not is_page(called, beginning)
    assert not is_page(called, beginning, from_start=False)


@pytest.mark.parametrize(
    "beginning",
    [b"WEBVTT\n\n00:00.000 --> 00:01.000\nHi", b"<tt xmlns='x'>", b"<?xml version='1.0'?><tt>", b""],
)
def test_texts_that_media_are_made_of_are_no_pages(beginning: bytes) -> None:
    assert not is_page("text/html", beginning)


@pytest.mark.parametrize("called", ["text/html", "application/json"])
def test_one_byte_tells_nothing(called: str) -> None:
    assert not is_page(called, TS[:1])


def test_nothing_but_white_space_is_the_beginning_of_a_page() -> None:
    assert is_page("text/html", b"\r\n" * 256)
    assert not is_page("text/html", b"\r\n")


@pytest.mark.parametrize("called", [None, "", "text/plain; charset=utf-8"])
def test_what_has_no_better_name_is_a_page_only_if_it_is_a_document(called: str | None) -> None:
    assert may_be_page(called)
    assert is_page(called, b" <!doctype html>")
    assert not is_page(called, b'{"a":1}')
    assert not is_page(called, b"<!doctype html>", from_start=False)


@pytest.mark.parametrize("called", ["video/mp4", "audio/mpeg", "image/png", "application/octet-stream", "video/mp2t"])
def test_what_is_called_media_is_not_looked_at(called: str) -> None:
    assert not may_be_page(called)
    assert not is_page(called, b"<!doctype html>")


def test_the_middle_of_what_is_called_a_page_is_one_if_it_is_text() -> None:
    assert is_page("text/html", b"and so on, " * 20, from_start=False)
    assert not is_page("text/html", b"the end", from_start=False)
    assert not is_page("text/html", BINARY, from_start=False)


def test_a_document_is_one_whatever_it_is_called() -> None:
    assert is_document(b"\xef\xbb\xbf <!DOCTYPE HTML>")
    assert not is_document(b"#EXTM3U")
