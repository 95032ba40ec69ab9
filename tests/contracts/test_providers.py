"""What every provider promises, as far as it says that it can do it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest

from synctv.adapters.providers.direct.provider import DirectProvider
from synctv.adapters.providers.registry import folders
from synctv.application.ports.providers import (
    Browses,
    ListedFolder,
    Login,
    PlayRequest,
    Recognises,
    ResolvedSource,
    Searches,
    SignsIn,
    SignsInByCode,
    Source,
    capabilities,
)
from synctv.domain.delivery.inline import content_of
from synctv.domain.delivery.offer import Offer, Tracks, Upstream
from synctv.domain.errors import DomainError, Invalid, UpstreamFailed
from synctv.domain.library.item import MAX_DURATION_SECONDS, valid_title
from tests.contracts.provider_cases import Case, World, all_cases

ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@pytest.fixture(params=all_cases(), ids=lambda case: case.name)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    case: Case = request.param
    async with case.open() as opened:
        yield opened


async def only(world: World) -> ResolvedSource:
    (found,) = await world.provider.resolve(world.source, world.login)
    return found


def test_every_folder_of_a_provider_has_a_case() -> None:
    assert {case.name.partition("/")[0] for case in all_cases()} == set(folders())
    assert DirectProvider.manifest.name in folders()


async def test_a_manifest_is_complete(world: World) -> None:
    manifest = world.provider.manifest
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,31}", manifest.name)
    assert manifest.title
    assert 0 < manifest.priority < 1_000
    assert bool(manifest.logins) == isinstance(world.provider, SignsIn)
    assert bool(manifest.codes) == isinstance(world.provider, SignsInByCode)
    forms = [form.id for form in (*manifest.logins, *manifest.codes)]
    assert len(set(forms)) == len(forms)
    assert not manifest.needs_login or manifest.logins
    assert isinstance(capabilities(world.provider), frozenset)


async def test_what_is_resolved_fits_into_an_item(world: World) -> None:
    fits(await only(world))


async def test_the_normal_form_of_a_source_is_stable(world: World) -> None:
    resolved = await only(world)
    (again,) = await world.provider.resolve(stored(resolved.source), world.login)
    assert again == resolved


async def test_a_stored_source_has_something_to_play(world: World) -> None:
    resolved = await only(world)
    offer = await world.provider.play(PlayRequest(stored(resolved.source), resolved.kind, world.login))
    assert offer.variants
    names = [variant.id for variant in offer.variants]
    names += [subtitle.id for subtitle in offer.subtitles] + [danmaku.id for danmaku in offer.danmaku]
    assert len(set(names)) == len(names)
    assert all(ID.fullmatch(name) for name in names)
    assert all(upstream.url.startswith(("http://", "https://")) for upstream in upstreams(offer))


async def test_variants_are_called_the_same_each_time(world: World) -> None:
    resolved = await only(world)
    request = PlayRequest(resolved.source, resolved.kind, world.login)
    first, second = await world.provider.play(request), await world.provider.play(request)
    assert [variant.id for variant in first.variants] == [variant.id for variant in second.variants]


async def test_no_secret_is_in_what_is_stored_or_printed(world: World) -> None:
    resolved = await only(world)
    offer = await world.provider.play(PlayRequest(resolved.source, resolved.kind, world.login))
    for secret in secrets_of(world.login):
        assert secret not in json.dumps(stored(resolved.source))
        assert secret not in repr(offer)


async def test_what_is_public_carries_no_secret(world: World) -> None:
    resolved = await only(world)
    offer = await world.provider.play(PlayRequest(resolved.source, resolved.kind, world.login))
    for variant in offer.variants:
        if variant.public and isinstance(variant.media, Upstream):
            told = variant.media.url + repr(dict(variant.media.headers))
            assert not any(secret in told for secret in secrets_of(world.login))


@pytest.mark.parametrize("source", [{}, {"url": None}, {"url": {"a": 1}}, {"nonsense": [1]}, {"path": 7, "id": []}])
async def test_a_source_that_is_none_is_invalid_below_source(world: World, source: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        await world.provider.resolve(source, world.login)
    assert all(error.path.startswith("source") for error in caught.value.errors)


async def test_its_own_is_recognised_and_resolves(world: World) -> None:
    if not isinstance(world.provider, Recognises):
        pytest.skip("recognises nothing")
    assert world.pasted
    for text in world.pasted:
        source = world.provider.recognise(text)
        assert source is not None
        for found in await world.provider.resolve(stored(source), world.login):
            fits(found)


async def test_other_texts_are_not_recognised(world: World) -> None:
    if not isinstance(world.provider, Recognises):
        pytest.skip("recognises nothing")
    for text in (
        *world.strange,
        "\0",
        "x" * 100_000,
        "https://",
        "https://[",
        "http://[::1",
        "https://media.test:99999/",
    ):
        assert world.provider.recognise(text) is None


async def test_folders_are_browsed_and_what_is_in_them_can_be_added(world: World) -> None:
    if not isinstance(world.provider, Browses):
        pytest.skip("has no folders")
    listing = await world.provider.browse(world.login, world.folder, None, 50)
    assert listing.entries
    for entry in listing.entries:
        if isinstance(entry, ListedFolder):
            assert 0 < len(entry.path) <= 2_000
            assert valid_title(entry.title) == entry.title
        else:
            fits(entry)
    for crumb in listing.crumbs:
        await world.provider.browse(world.login, crumb.path, None, 50)


async def test_a_path_that_leads_nowhere_is_told(world: World) -> None:
    if not isinstance(world.provider, Browses):
        pytest.skip("has no folders")
    for path in ("no/such/place", "../../etc/passwd", "\0", "x" * 3_000):
        with pytest.raises((UpstreamFailed, Invalid)):
            await world.provider.browse(world.login, path, None, 50)


async def test_words_find_something(world: World) -> None:
    if not isinstance(world.provider, Searches):
        pytest.skip("does not search")
    listing = await world.provider.search(world.login, world.query, "", None, 50)
    assert listing.entries


async def test_signing_in_gives_a_login_that_holds(world: World) -> None:
    if not isinstance(world.provider, SignsIn):
        pytest.skip("has no sign-in")
    assert world.fields is not None
    new = await world.provider.sign_in(world.form, world.fields)
    assert new.label
    assert await world.provider.check(new.login)
    (found,) = await world.provider.resolve(world.source, new.login)
    fits(found)


async def test_wrong_fields_of_a_sign_in_are_invalid(world: World) -> None:
    if not isinstance(world.provider, SignsIn):
        pytest.skip("has no sign-in")
    for form, fields in (("no_such_form", {}), (world.form, {}), (world.form, {"server": "nonsense"})):
        with pytest.raises(Invalid) as caught:
            await world.provider.sign_in(form, fields)
        assert all(error.path.startswith(("fields", "form")) for error in caught.value.errors)


async def test_without_the_login_that_it_needs_one_is_asked_for(world: World) -> None:
    if not world.provider.manifest.needs_login:
        pytest.skip("needs no login")
    with pytest.raises(DomainError) as caught:
        await world.provider.resolve(world.source, None)
    assert caught.value.code == "upstream_credential"


def stored(source: Source) -> dict[str, object]:
    """The source as it comes back from storage."""
    again: dict[str, object] = json.loads(json.dumps(source))
    return again


def fits(resolved: ResolvedSource) -> None:
    """Whether it can be stored."""
    assert valid_title(resolved.title) == resolved.title
    assert resolved.duration is None or 0 < resolved.duration <= MAX_DURATION_SECONDS
    assert resolved.cover is None or resolved.cover.startswith(("http://", "https://"))
    assert len(json.dumps(stored(resolved.source))) <= 16_384


def secrets_of(login: Login | None) -> list[str]:
    """What must not be seen."""
    return [value for value in login.secret.values() if len(value) >= 6] if login is not None else []


def upstreams(offer: Offer) -> list[Upstream]:
    """All addresses of an offer."""
    found = [subtitle.upstream for subtitle in offer.subtitles] + [danmaku.upstream for danmaku in offer.danmaku]
    found = [upstream for upstream in found if content_of(upstream.url) is None]
    for variant in offer.variants:
        if isinstance(variant.media, Tracks):
            found += [track.upstream for track in (*variant.media.video, *variant.media.audio)]
        else:
            found.append(variant.media)
    return found
