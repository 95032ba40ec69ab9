"""Looking for something to add, and adding what was chosen."""

from __future__ import annotations

import pytest

from synctv.application.library.findings import KEPT, KEPT_SECONDS
from synctv.application.library.looking import Given, Opened, OpenedDynamic, OpenedWithin, Pasted, Searched
from synctv.application.playback.commands import Select
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.errors import (
    Denied,
    FlowOver,
    Invalid,
    NotFound,
    QuotaExceeded,
    UpstreamCredential,
    UpstreamUnavailable,
)
from synctv.domain.ids import CredentialId, RoomId
from synctv.domain.library import item as items
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.permissions import Permission
from tests.application.house import House, furnished
from tests.application.library.film_server import SERVER, Anything, FilmServer
from tests.applications import CLIENT


@pytest.fixture
def nas() -> FilmServer:
    return FilmServer()


@pytest.fixture
def anything() -> Anything:
    return Anything()


@pytest.fixture
def house(passwords: PasswordHasher, nas: FilmServer, anything: Anything) -> House:
    return furnished(passwords, providers={"nas": nas, "anything": anything})


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


async def sign_in(house: House, actor: AccountActor) -> str:
    credential = await house.application.credentials.sign_in(actor, "nas", "password", {"password": "x"}, CLIENT)
    return credential.id


async def test_who_recognises_a_text_first_is_asked_first(house: House, anna: AccountActor, room: RoomId) -> None:
    credential = await sign_in(house, anna)
    finding = await house.application.looking.look(anna, room, Pasted("  nas:film\n"))
    assert (finding.provider, finding.credential_id) == ("nas", credential)
    assert [entry.title for entry in finding.entries] == ["film"]


async def test_who_finds_nothing_makes_room_for_the_next(house: House, anna: AccountActor, room: RoomId) -> None:
    await sign_in(house, anna)
    finding = await house.application.looking.look(anna, room, Pasted("nas:nothing"))
    assert (finding.provider, finding.credential_id) == ("anything", None)


async def test_the_first_who_was_asked_says_why_there_is_nothing_unless_it_is_a_page(
    house: House, anna: AccountActor, room: RoomId, anything: Anything
) -> None:
    await sign_in(house, anna)
    anything.fails = UpstreamUnavailable("any.test")
    with pytest.raises(Invalid, match="nothing of this name"):
        await house.application.looking.look(anna, room, Pasted("nas:nothing"))
    with pytest.raises(UpstreamUnavailable):
        await house.application.looking.look(anna, room, Pasted("nas:page"))
    anything.fails = Invalid.field("source.text", "No.", "x")
    with pytest.raises(Invalid) as caught:
        await house.application.looking.look(anna, room, Pasted("any:thing"))
    assert caught.value.errors[0].path == "text"


@pytest.mark.parametrize("text", ["", "   ", "nobody knows this", "x" * 8_193])
async def test_what_nobody_knows_is_told(house: House, anna: AccountActor, room: RoomId, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        await house.application.looking.look(anna, room, Pasted(text))
    assert caught.value.errors[0].path == "text"


@pytest.mark.parametrize(
    "text, address",
    [
        (" any.example/film.mp4 ", "https://any.example/film.mp4"),
        ("192.168.1.5:8080/film.mkv", "http://192.168.1.5:8080/film.mkv"),
        ("https://any.example/film.mp4", None),
        ("any:any.test/film.mp4", None),
    ],
)
async def test_an_address_without_a_scheme_is_completed_where_nobody_knows_it_as_it_is(
    house: House, anna: AccountActor, room: RoomId, text: str, address: str | None
) -> None:
    finding = await house.application.looking.look(anna, room, Pasted(text))
    assert (finding.provider, finding.address) == ("anything", address)


async def test_a_missing_sign_in_says_where_to_sign_in(house: House, anna: AccountActor, room: RoomId) -> None:
    for look in (Pasted("nas:film"), Given("nas", {"name": "a", "server": SERVER})):
        with pytest.raises(UpstreamCredential) as caught:
            await house.application.looking.look(anna, room, look)
        assert (caught.value.provider, caught.value.server) == ("nas", SERVER)
    with pytest.raises(UpstreamCredential) as caught:
        await house.application.looking.look(anna, room, Opened("nas"))
    assert (caught.value.provider, caught.value.server) == ("nas", None)


async def test_a_refused_sign_in_is_noted_and_says_where(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    await sign_in(house, anna)
    nas.revoked = True
    with pytest.raises(UpstreamCredential) as caught:
        await house.application.looking.look(anna, room, Opened("nas"))
    assert caught.value.server == SERVER
    (credential,) = await house.application.credentials.list(anna)
    assert credential.state == "refused"


async def test_a_source_without_a_server_takes_the_sign_in_of_the_server_of_its_address(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    other = "https://other.test"
    await sign_in(house, anna)
    nas.server = other
    await sign_in(house, anna)
    for server in (SERVER, other):
        await house.application.looking.look(anna, room, Given("nas", {"name": "a", "url": f"{server}/a"}))
    with pytest.raises(UpstreamCredential) as caught:
        await house.application.looking.look(anna, room, Given("nas", {"name": "a", "url": "https://third.test/a"}))
    assert caught.value.server == "https://third.test"
    assert [login.server if login else None for login in nas.resolved_with] == [SERVER, other]
    assert {credential.state for credential in await house.application.credentials.list(anna)} == {"good"}


async def test_nobody_guesses_at_which_of_several_servers_something_is(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    first = await sign_in(house, anna)
    nas.server = "https://other.test"
    await sign_in(house, anna)
    nas.revoked = True
    for look in (Given("nas", {"name": "a"}), Opened("nas"), Searched("nas", "a")):
        with pytest.raises(Invalid) as caught:
            await house.application.looking.look(anna, room, look)
        assert caught.value.errors[0].path == "credentialId"
    assert {credential.state for credential in await house.application.credentials.list(anna)} == {"good"}
    nas.revoked = False
    finding = await house.application.looking.look(anna, room, Given("nas", {"name": "a"}, CredentialId(first)))
    assert finding.credential_id == first


async def test_folders_are_shown_in_pages_with_the_way(house: House, anna: AccountActor, room: RoomId) -> None:
    await sign_in(house, anna)
    top = await house.application.looking.look(anna, room, Opened("nas"))
    assert (top.next_cursor, top.total, [crumb.title for crumb in top.crumbs]) == ("2", 9, ["NAS"])
    films = await house.application.looking.look(anna, room, Opened("nas", "films"))
    assert [entry.title for entry in films.entries] == ["one", "two", "Old"]


async def test_a_search_finds(house: House, anna: AccountActor, room: RoomId) -> None:
    await sign_in(house, anna)
    found = await house.application.looking.look(anna, room, Searched("nas", " metropolis "))
    assert [entry.title for entry in found.entries] == ["metropolis"]


@pytest.mark.parametrize(
    "look, path",
    [
        (Opened("nobody"), "provider"),
        (Opened("anything"), "provider"),
        (Searched("anything", "x"), "provider"),
        (Searched("nas", " "), "query"),
        (Searched("nas", "x" * 201), "query"),
        (Given("nobody", {}), "provider"),
    ],
)
async def test_what_a_provider_cannot_do_is_told(
    house: House, anna: AccountActor, room: RoomId, look: Opened | Searched | Given, path: str
) -> None:
    await sign_in(house, anna)
    with pytest.raises(Invalid) as caught:
        await house.application.looking.look(anna, room, look)
    assert caught.value.errors[0].path == path


async def test_only_who_may_add_may_look(house: House, anna: AccountActor, room: RoomId) -> None:
    guest = await house.guest(room)
    with pytest.raises(Denied):
        await house.application.looking.look(guest, room, Pasted("any:thing"))
    with pytest.raises(Denied):
        await house.application.looking.look(await house.account("Stranger"), room, Pasted("any:thing"))


async def test_somebody_else_s_sign_in_is_of_no_use(house: House, anna: AccountActor, room: RoomId) -> None:
    await sign_in(house, anna)
    bert = await house.member("Bert", room)
    (credential,) = await house.application.credentials.list(anna)
    with pytest.raises(NotFound):
        await house.application.looking.look(bert, room, Opened("nas", credential_id=credential.id))
    with pytest.raises(UpstreamCredential):
        await house.application.looking.look(bert, room, Opened("nas"))


async def test_what_is_chosen_is_added_in_its_order_without_asking_again(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    credential = await sign_in(house, anna)
    finding = await house.application.looking.look(anna, room, Pasted("nas:series"))
    nas.revoked = True
    added = await house.application.adding.add(anna, room, finding.id, [2, 0, 2], None)
    assert [item.title for item in added] == ["series 1", "series 3"]
    assert {(item.provider, item.credential_id, item.cover) for item in added} == {
        ("nas", credential, "https://img.test/a.jpg")
    }
    assert added[0].rank < added[1].rank
    assert [item.title for item in house.state.items[room].values()] == ["series 1", "series 3"]


async def test_the_newest_findings_of_each_are_kept(house: House, anna: AccountActor, room: RoomId) -> None:
    bert = await house.member("Bert", room)
    of_bert = await house.application.looking.look(bert, room, Pasted("any:thing"))
    found = [await house.application.looking.look(anna, room, Pasted("any:thing")) for _ in range(KEPT + 1)]
    with pytest.raises(FlowOver):
        await house.application.adding.add(anna, room, found[0].id, [0], None)
    for finding in found[1:]:
        await house.application.adding.add(anna, room, finding.id, [0], None)
    await house.application.adding.add(bert, room, of_bert.id, [0], None)


async def test_a_finding_is_for_who_looked_where_they_looked(house: House, anna: AccountActor, room: RoomId) -> None:
    finding = await house.application.looking.look(anna, room, Pasted("any:thing"))
    bert, elsewhere = await house.member("Bert", room), await house.room(anna)
    for actor, where, id in ((bert, room, finding.id), (anna, elsewhere, finding.id), (anna, room, "made up")):
        with pytest.raises(FlowOver):
            await house.application.adding.add(actor, where, id, [0], None)
    house.clock.advance(KEPT_SECONDS)
    with pytest.raises(FlowOver):
        await house.application.adding.add(anna, room, finding.id, [0], None)


@pytest.mark.parametrize("chosen", [[], [1], [-1], [10**9], list(range(501))])
async def test_what_cannot_be_chosen_is_told(house: House, anna: AccountActor, room: RoomId, chosen: list[int]) -> None:
    finding = await house.application.looking.look(anna, room, Pasted("any:thing"))
    with pytest.raises(Invalid) as caught:
        await house.application.adding.add(anna, room, finding.id, chosen, None)
    assert caught.value.errors[0].path == "choose"


async def test_a_folder_is_no_item(house: House, anna: AccountActor, room: RoomId) -> None:
    await sign_in(house, anna)
    top = await house.application.looking.look(anna, room, Opened("nas"))
    with pytest.raises(Invalid, match="folder"):
        await house.application.adding.add(anna, room, top.id, [0], None)


async def test_all_or_none_fit_into_a_room(
    house: House, anna: AccountActor, room: RoomId, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(house, anna)
    monkeypatch.setattr("synctv.application.library.items.MAX_ITEMS", 2)
    assert items.MAX_ITEMS > 2
    finding = await house.application.looking.look(anna, room, Pasted("nas:series"))
    with pytest.raises(QuotaExceeded):
        await house.application.adding.add(anna, room, finding.id, [0, 1, 2], None)
    assert not house.state.items.get(room)


async def test_who_lost_the_permission_adds_nothing(house: House, anna: AccountActor, room: RoomId) -> None:
    bert = await house.member("Bert", room)
    finding = await house.application.looking.look(bert, room, Pasted("any:thing"))
    await house.forbid(anna, room, bert, Permission.MANAGE_OWN_MEDIA)
    with pytest.raises(Denied):
        await house.application.adding.add(bert, room, finding.id, [0], None)


async def test_a_dynamic_folder_shows_live_what_its_maker_sees_and_plays_with_their_sign_in(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    await sign_in(house, anna)
    top = await house.application.looking.look(anna, room, Opened("nas"))
    folder = await house.application.adding.add_dynamic(anna, room, top.id, "films", title=None, parent_id=None)
    assert (folder.title, folder.dynamic and folder.dynamic.path) == ("Films", "films")
    bert = await house.member("Bert", room)
    page = await house.application.looking.look(bert, room, OpenedDynamic(folder.id))
    assert [entry.title for entry in page.entries] == ["one", "two", "Old"]
    (item,) = await house.application.adding.add(bert, room, page.id, [1], None)
    assert (item.added_by.id, item.credential_id) == (anna.id, top.credential_id)
    await house.do(anna, room, Select(item.id))
    await house.application.playables.of_current(bert, room)
    assert nas.played_with[0] is not None


async def test_folders_in_a_dynamic_folder_are_opened_and_none_above_it(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    await sign_in(house, anna)
    top = await house.application.looking.look(anna, room, Opened("nas"))
    folder = await house.application.adding.add_dynamic(anna, room, top.id, "films", title=None, parent_id=None)
    bert = await house.member("Bert", room)
    page = await house.application.looking.look(bert, room, OpenedDynamic(folder.id))
    inner = await house.application.looking.look(bert, room, OpenedWithin(page.id, "films/old"))
    (item,) = await house.application.adding.add(bert, room, inner.id, [0], None)
    assert (item.title, item.added_by.id) == ("three", anna.id)
    for finding, path in ((page, ""), (inner, "films"), (page, "elsewhere"), (top, "films")):
        with pytest.raises((Invalid, FlowOver)):
            await house.application.looking.look(bert, room, OpenedWithin(finding.id, path))
    await house.application.folders.delete(anna, room, folder.id)
    with pytest.raises(NotFound):
        await house.application.looking.look(bert, room, OpenedWithin(page.id, "films/old"))


async def test_only_who_added_a_dynamic_folder_is_asked_to_sign_in_again(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    await sign_in(house, anna)
    top = await house.application.looking.look(anna, room, Opened("nas"))
    folder = await house.application.adding.add_dynamic(anna, room, top.id, "films", title=None, parent_id=None)
    bert = await house.member("Bert", room)
    nas.revoked = True
    with pytest.raises(UpstreamCredential, match="who added this folder") as caught:
        await house.application.looking.look(bert, room, OpenedDynamic(folder.id))
    assert (caught.value.provider, caught.value.server) == (None, None)
    with pytest.raises(UpstreamCredential) as caught:
        await house.application.looking.look(anna, room, OpenedDynamic(folder.id))
    assert (caught.value.provider, caught.value.server) == ("nas", SERVER)


async def test_where_a_dynamic_folder_lies_is_told_to_who_added_it_alone(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    await sign_in(house, anna)
    top = await house.application.looking.look(anna, room, Opened("nas"))
    folder = await house.application.adding.add_dynamic(anna, room, top.id, "films", title="Ours", parent_id=None)
    bert = await house.member("Bert", room)
    page = await house.application.looking.look(bert, room, OpenedDynamic(folder.id))
    inner = await house.application.looking.look(bert, room, OpenedWithin(page.id, "films/old"))
    assert [crumb.title for crumb in page.crumbs] == ["Ours"]
    assert [crumb.title for crumb in inner.crumbs] == ["Ours", "Old"]
    nas.fails = UpstreamUnavailable("nas.test")
    for look in (OpenedDynamic(folder.id), OpenedWithin(page.id, "films/old")):
        with pytest.raises(UpstreamUnavailable, match="^The folder's server failed: "):
            await house.application.looking.look(bert, room, look)
    with pytest.raises(UpstreamUnavailable, match="^nas.test failed: "):
        await house.application.looking.look(anna, room, OpenedDynamic(folder.id))
    nas.fails = None
    nas.revoked = True
    with pytest.raises(UpstreamCredential) as caught:
        await house.application.looking.look(bert, room, OpenedDynamic(folder.id))
    assert "nas.test" not in str(caught.value)


async def test_a_dynamic_folder_of_who_left_shows_nothing_more(
    house: House, anna: AccountActor, room: RoomId, nas: FilmServer
) -> None:
    bert = await house.member("Bert", room)
    await sign_in(house, bert)
    top = await house.application.looking.look(bert, room, Opened("nas"))
    folder = await house.application.adding.add_dynamic(bert, room, top.id, "films", title=None, parent_id=None)
    assert (await house.application.looking.look(anna, room, OpenedDynamic(folder.id))).entries
    await house.application.members.leave(bert, room)
    with pytest.raises(UpstreamCredential, match="no longer in the room"):
        await house.application.looking.look(anna, room, OpenedDynamic(folder.id))
    (credential,) = await house.application.credentials.list(bert)
    assert credential.state == "good"
    await house.application.members.join(bert, room, None, "")
    await house.application.credentials.remove(bert, credential.id, CLIENT)
    with pytest.raises(UpstreamCredential, match="was removed"):
        await house.application.looking.look(anna, room, OpenedDynamic(folder.id))


async def test_only_folders_of_the_finding_become_dynamic_ones(house: House, anna: AccountActor, room: RoomId) -> None:
    await sign_in(house, anna)
    films = await house.application.looking.look(anna, room, Opened("nas", "films"))
    with pytest.raises(Invalid) as caught:
        await house.application.adding.add_dynamic(anna, room, films.id, "elsewhere", title=None, parent_id=None)
    assert caught.value.errors[0].path == "path"
    folder = await house.application.adding.add_dynamic(anna, room, films.id, "films", title="Ours", parent_id=None)
    assert folder.title == "Ours"
    page = await house.application.looking.look(anna, room, OpenedDynamic(folder.id))
    with pytest.raises(Invalid):
        await house.application.adding.add_dynamic(anna, room, page.id, "films", title=None, parent_id=None)


async def test_a_folder_of_our_own_is_not_looked_at_live(house: House, anna: AccountActor, room: RoomId) -> None:
    folder = await house.application.folders.create(anna, room, "Ours", None)
    with pytest.raises(Invalid):
        await house.application.looking.look(anna, room, OpenedDynamic(folder.id))
    await house.application.folders.delete(anna, room, folder.id)
    with pytest.raises(NotFound):
        await house.application.looking.look(anna, room, OpenedDynamic(folder.id))
