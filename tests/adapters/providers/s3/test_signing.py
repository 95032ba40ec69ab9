"""Addresses of objects, and their signatures."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import pytest

from synctv.adapters.providers.s3.account import Account, account_of
from synctv.adapters.providers.s3.forms import new_account
from synctv.adapters.providers.s3.provider import MANIFEST
from synctv.adapters.providers.s3.signing import presigned
from synctv.domain.errors import Invalid
from synctv.domain.ids import Micros
from tests.adapters.providers.s3.server import ACCESS, SECRET

KEYS = {"bucket": "films", "access_key": ACCESS, "secret_key": SECRET}


def at(*moment: int) -> Micros:
    return Micros(int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000)  # type: ignore[arg-type, misc]


def test_a_signature_is_the_one_of_amazon_s_own_example() -> None:
    # "Authenticating Requests: Using Query Parameters", Amazon S3 API Reference.
    account = Account("https://s3.amazonaws.com", "examplebucket", "us-east-1", ACCESS, SECRET, path_style=False)
    url = presigned(account, "GET", "test.txt", {}, at=at(2013, 5, 24), seconds=86_400)
    assert url.startswith("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    assert url.endswith("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


@pytest.mark.parametrize(
    "endpoint, bucket, path_style, url",
    [
        ("https://s3.test", "films", True, "https://s3.test/films/a%2Bb%20c/d%25.mp4"),
        ("https://s3.test", "films", False, "https://films.s3.test/a%2Bb%20c/d%25.mp4"),
        ("https://s3.test/storage/v1", "films", True, "https://s3.test/storage/v1/films/a%2Bb%20c/d%25.mp4"),
        ("https://s3.test", "my.films", False, "https://s3.test/my.films/a%2Bb%20c/d%25.mp4"),
        ("http://s3.test", "my.films", False, "http://my.films.s3.test/a%2Bb%20c/d%25.mp4"),
        ("http://192.168.1.4:9000", "films", False, "http://192.168.1.4:9000/films/a%2Bb%20c/d%25.mp4"),
        ("http://[fd00::1]:9000", "films", False, "http://[fd00::1]:9000/films/a%2Bb%20c/d%25.mp4"),
    ],
)
def test_the_bucket_stands_where_its_server_wants_it(endpoint: str, bucket: str, path_style: bool, url: str) -> None:
    account = Account(endpoint, bucket, "r", ACCESS, SECRET, path_style)
    assert account.url("a+b c/d%.mp4") == url


@pytest.mark.parametrize("key", ["a//b.mp4", "/a.mp4", "电影/é?#&=.mp4", "a\u00a0b.mp4", "~!*'().mp4", "a\nb.mp4"])
def test_any_name_can_be_an_address(key: str) -> None:
    account = Account("https://s3.test", "films", "r", ACCESS, SECRET, path_style=True)
    assert unquote(urlsplit(account.url(key)).path) == f"/films/{key}"


@pytest.mark.parametrize(
    "endpoint, path_style, url, key",
    [
        ("https://s3.test", True, "https://s3.test/films/a%2Bb%20c/d%25.ts?v=1", "a+b c/d%.ts"),
        ("https://s3.test", True, "https://S3.test:443/f%69lms//a.ts", "/a.ts"),
        ("https://s3.test", True, "https://s3.test/filmset/a.ts", None),
        ("https://s3.test", True, "https://s3.test/films", None),
        ("https://s3.test", True, "https://s3.test/films/", None),
        ("https://s3.test", True, "https://s3.test/films/%ff.ts", None),
        ("https://s3.test", True, "http://s3.test/films/a.ts", None),
        ("https://s3.test", True, "https://s3.test:8443/films/a.ts", None),
        ("https://s3.test", True, "https://a:b@s3.test/films/a.ts", None),
        ("https://s3.test", True, "https://s3.test.evil.test/films/a.ts", None),
        ("https://s3.test", False, "https://films.s3.test/a.ts", "a.ts"),
        ("https://s3.test", False, "https://others.s3.test/a.ts", None),
        ("https://s3.test", False, "https://s3.test/films/a.ts", None),
        ("https://s3.test/storage/v1", True, "https://s3.test/storage/v1/films/a.ts", "a.ts"),
        ("https://s3.test/storage/v1", True, "https://s3.test/films/a.ts", None),
    ],
)
def test_an_address_tells_which_object_of_this_bucket_it_means(
    endpoint: str, path_style: bool, url: str, key: str | None
) -> None:
    assert Account(endpoint, "films", "r", ACCESS, SECRET, path_style).key_of(url) == key


@pytest.mark.parametrize(
    "form, more, server, region",
    [
        ("aws", {"region": "eu-central-1"}, "https://s3.eu-central-1.amazonaws.com/films", "eu-central-1"),
        ("aws", {"region": "cn-north-1"}, "https://s3.cn-north-1.amazonaws.com.cn/films", "cn-north-1"),
        ("wasabi", {"region": "eu-central-2"}, "https://s3.eu-central-2.wasabisys.com/films", "eu-central-2"),
        (
            "r2",
            {"server": "https://abc.r2.cloudflarestorage.com/films"},
            "https://abc.r2.cloudflarestorage.com/films",
            "auto",
        ),
        (
            "b2",
            {"server": "s3.us-west-004.backblazeb2.com"},
            "https://s3.us-west-004.backblazeb2.com/films",
            "us-west-004",
        ),
        ("minio", {"server": "http://NAS.lan:9000/"}, "http://nas.lan:9000/films", "us-east-1"),
        ("keys", {"server": "https://s3.test:443", "region": "home"}, "https://s3.test/films", "home"),
    ],
)
def test_each_form_leads_to_its_server(form: str, more: dict[str, str], server: str, region: str) -> None:
    account = new_account(MANIFEST, form, KEYS | more)
    assert (account.server, account.region) == (server, region)
    assert account_of(account.login) == account


@pytest.mark.parametrize(
    "form, fields, path",
    [
        ("keys", {"server": "ftp://s3.test"}, "fields.server"),
        ("keys", {"server": "https://a:b@s3.test"}, "fields.server"),
        ("keys", {"server": "https://s3.test:99999"}, "fields.server"),
        ("keys", {"server": "https://s3.test", "path_style": "perhaps"}, "fields.path_style"),
        ("aws", {"region": "eu-central-1.evil.test/"}, "fields.region"),
        ("aws", {"region": "eu-central-1", "bucket": "a/b"}, "fields.bucket"),
        ("aws", {"region": "eu-central-1", "access_key": "ключ"}, "fields.access_key"),
        ("b2", {"server": "https://backblazeb2.com"}, "fields.server"),
    ],
)
def test_what_can_not_be_an_account_is_invalid(form: str, fields: dict[str, str], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        new_account(MANIFEST, form, KEYS | fields)
    assert [error.path for error in caught.value.errors] == [path]


def test_keys_are_not_in_the_text_form_of_an_account() -> None:
    account = new_account(MANIFEST, "aws", KEYS | {"region": "eu-central-1"})
    assert SECRET not in repr(account) + repr(account.login)
    assert ACCESS not in repr(account) + repr(account.login)
