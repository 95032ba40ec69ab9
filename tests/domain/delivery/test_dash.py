"""DASH manifests tell what they are, and lead nowhere but where the caller says."""

from __future__ import annotations

from contextlib import suppress
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.dash import BOUNDS, Manifest, rewrite
from synctv.domain.delivery.manifests import DrmProtected, ManifestError, Role

URL = "https://media.test/film/index.mpd?k=1"
NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"


def mpd(content: str, attributes: str = 'type="static"') -> bytes:
    return f'<?xml version="1.0"?><MPD xmlns="{NAMESPACE}" {attributes}>{content}</MPD>'.encode()


def period(content: str) -> str:
    return f"<Period><AdaptationSet>{content}</AdaptationSet></Period>"


def replaced(url: str, role: Role) -> str:
    address = f"/{role}/{url.removeprefix('https://').replace('?', '!')}"
    return address if role is not Role.PREFIX else address.rstrip("/") + "/"


def content_of(content: str) -> str:
    """What is between the root's tags after rewriting."""
    text = rewrite(mpd(content), URL, replaced).document.decode()
    return text.partition("<MPD ")[2].partition(">")[2].removesuffix("</MPD>").replace(" />", "/>")


def refused(content: str) -> str:
    with pytest.raises(ManifestError) as caught:
        rewrite(mpd(content), URL, replaced)
    return str(caught.value)


@pytest.mark.parametrize(
    "attributes, periods, live, duration",
    [
        ('type="static" mediaPresentationDuration="PT1H2M3.5S"', "", False, 3_723.5),
        ('mediaPresentationDuration="P1DT0.25S"', "", False, 86_400.25),
        ('type="dynamic"', "", True, None),
        ("", '<Period duration="PT10S"/><Period duration="PT5S"/>', False, 15.0),
        ("", '<Period duration="PT10S"/><Period/>', False, None),
        ('mediaPresentationDuration="P1Y"', "", False, None),
        ('mediaPresentationDuration="PT0S"', "", False, None),
        ('mediaPresentationDuration="P"', "", False, None),
    ],
)
def test_a_manifest_says_whether_it_is_live_and_how_long(
    attributes: str, periods: str, live: bool, duration: float | None
) -> None:
    found = rewrite(mpd(periods, attributes), URL, replaced)
    assert (found.live, found.duration) == (live, duration)


def test_a_file_gets_the_address_that_all_bases_above_come_to() -> None:
    file = (
        '<Representation id="1"><BaseURL>v.mp4?a=1&amp;b=2</BaseURL><SegmentBase indexRange="9-20"/></Representation>'
    )
    bases = "<BaseURL>https://cdn.test/x/</BaseURL><BaseURL>https://other.test/</BaseURL>"
    assert content_of(bases + period("<BaseURL>../y/</BaseURL>" + file)) == period(
        '<Representation id="1"><BaseURL>/segment/cdn.test/y/v.mp4!a=1&amp;b=2</BaseURL>'
        '<SegmentBase indexRange="9-20"/></Representation>'
    )


def test_a_template_stays_relative_to_the_address_of_its_folder() -> None:
    template = '<SegmentTemplate media="$RepresentationID$/$Number%05d$.m4s?t=$Time$" initialization="i.mp4"/>'
    assert content_of(
        period(f'{template}<Representation id="1"/><Representation id="2"><BaseURL>b/c?x</BaseURL></Representation>')
    ) == period(
        f'{template}<Representation id="1"><BaseURL>/prefix/media.test/film/</BaseURL></Representation>'
        '<Representation id="2"><BaseURL>/prefix/media.test/film/b/</BaseURL></Representation>'
    )


@pytest.mark.parametrize(
    "template, written",
    [
        ("https://cdn.test/v/$Number$.m4s", "/prefix/cdn.test/v/$Number$.m4s"),
        ("//cdn.test/$Number$.m4s", "/prefix/cdn.test/$Number$.m4s"),
        ("/v/$Number$.m4s", "/prefix/media.test/v/$Number$.m4s"),
        ("../v/$RepresentationID$/$Time$.m4s", "/prefix/media.test/v/$RepresentationID$/$Time$.m4s"),
        ("a/../v$Number$", "/prefix/media.test/film/v$Number$"),
        ("v/$Bandwidth$/$$$Time%09d$", "v/$Bandwidth$/$$$Time%09d$"),
    ],
)
def test_a_template_that_leads_elsewhere_has_a_folder_of_its_own_in_front(template: str, written: str) -> None:
    text = content_of(period(f'<SegmentTemplate media="{template}"/><Representation id="1"/>'))
    assert f'<SegmentTemplate media="{written}"/>' in text


@pytest.mark.parametrize(
    "template",
    [
        "$Number$/../../x",
        "$Number$/%2e%2e/x",
        "file:///$Number$",
        "javascript:$Number$",
        "https://$Number$.test/",
        "a\\..\\$Time$",
    ],
)
def test_a_template_that_would_lead_out_of_its_folder_is_refused(template: str) -> None:
    assert "can't be called" in refused(period(f'<SegmentTemplate media="{template}"/><Representation id="1"/>'))


@pytest.mark.parametrize("id", ["..", "a/../..", "%2e%2e/a", "a\\..\\b", "."])
def test_an_id_that_would_lead_out_of_the_folder_is_refused(id: str) -> None:
    template = '<SegmentTemplate media="$RepresentationID$/$Number$"/>'
    assert "can't be called" in refused(period(f'{template}<Representation id="{id}"/>'))


def test_addresses_that_are_written_out_are_replaced_one_by_one() -> None:
    text = content_of(
        period(
            "<BaseURL>d/</BaseURL><Representation><SegmentList>"
            '<Initialization sourceURL="i.mp4"/><RepresentationIndex sourceURL="x.sidx"/>'
            '<SegmentURL media="1.m4s" index="1.sidx"/><SegmentURL mediaRange="0-9"/></SegmentList></Representation>'
        )
    )
    assert text == period(
        "<Representation><BaseURL>/segment/media.test/film/d/</BaseURL><SegmentList>"
        '<Initialization sourceURL="/map/media.test/film/d/i.mp4"/>'
        '<RepresentationIndex sourceURL="/segment/media.test/film/d/x.sidx"/>'
        '<SegmentURL media="/segment/media.test/film/d/1.m4s" index="/segment/media.test/film/d/1.sidx"/>'
        '<SegmentURL mediaRange="0-9"/></SegmentList></Representation>'
    )


def test_inherited_segments_have_to_mean_one_address_for_all() -> None:
    shared = '<SegmentList><SegmentURL media="1.m4s"/></SegmentList>'
    assert "not supported" in refused(
        period(f"{shared}<Representation/><Representation><BaseURL>b/</BaseURL></Representation>")
    )
    same = period(f"<BaseURL>b/</BaseURL>{shared}<Representation/><Representation/>")
    assert 'media="/segment/media.test/film/b/1.m4s"' in content_of(same)


def test_a_live_manifest_is_asked_for_again_through_us_and_by_no_other_way() -> None:
    head = (
        "<Location>https://edge.test/l.mpd?s=1</Location><Location>b</Location><PatchLocation>p</PatchLocation>"
        '<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="https://time.test"/>'
        '<ContentSteering>https://steer.test</ContentSteering><Metrics metrics="x"/>'
    )
    callback = (
        '<EventStream schemeIdUri="urn:mpeg:dash:event:callback:2015"><Event>https://x.test</Event></EventStream>'
    )
    assert content_of(f"{head}<Period>{callback}</Period>") == (
        "<Location>/playlist/edge.test/l.mpd!s=1</Location><Period/>"
    )


def test_prefixes_of_other_namespaces_stay_and_names_of_the_manifest_get_none() -> None:
    document = (
        f'<m:MPD xmlns:m="{NAMESPACE}" xmlns:scte35="urn:scte" type="dynamic"><m:Period>'
        '<scte35:Signal scte35:x="1" xml:lang="de">ü</scte35:Signal></m:Period></m:MPD>'
    )
    text = rewrite(document.encode("utf-16"), URL, replaced).document.decode()
    assert f'xmlns="{NAMESPACE}"' in text
    assert '<scte35:Signal scte35:x="1" xml:lang="de">ü</scte35:Signal>' in text
    assert ElementTree.fromstring(text)[0][0].tag == "{urn:scte}Signal"


@pytest.mark.parametrize("place", ["{}<Representation/>", "<Representation>{}</Representation>"])
def test_protected_streams_are_refused_with_the_reason(place: str) -> None:
    protection = '<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc"/>'
    with pytest.raises(DrmProtected, match="protected"):
        rewrite(mpd(period(place.format(protection))), URL, replaced)


BOMB = b'<!DOCTYPE MPD [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><MPD>&b;</MPD>'


@pytest.mark.parametrize(
    "document, sentence",
    [
        (b"", "can be read"),
        (b"<html>", "can be read"),
        (b"<html/>", "no DASH manifest"),
        (b"\xff\xfe<", "can be read"),
        (b"<MPD>\xe9</MPD>", "can be read"),
        (BOMB, "can be read"),
        (BOMB.decode().encode("utf-16"), "can be read"),
        (b"<MPD" + b" " * BOUNDS.size + b"/>", "can be read"),
        (b"<MPD>" * (BOUNDS.depth + 1) + b"</MPD>" * (BOUNDS.depth + 1), "can be read"),
        (mpd("<a/>" * BOUNDS.elements), "can be read"),
        (mpd("".join(f"<a{each}:a xmlns:a{each}='{each}'/>" for each in range(99))), "can be read"),
        (mpd('<Period xmlns:l="http://www.w3.org/1999/xlink" l:href="https://x.test"/>'), "put together"),
        (mpd(period("<Representation><BaseURL>file:///etc/passwd</BaseURL></Representation>")), "can't be called"),
        (mpd("<Location>javascript:x</Location>"), "can't be called"),
    ],
)
def test_anything_else_is_an_error_with_a_sentence(document: bytes, sentence: str) -> None:
    with pytest.raises(ManifestError, match=sentence):
        rewrite(document, URL, replaced)


def test_when_segments_of_a_low_delay_are_there_is_still_said() -> None:
    content = (
        '<BaseURL availabilityTimeOffset="7" serviceLocation="x">a/</BaseURL>'
        '<Period><AdaptationSet><BaseURL availabilityTimeComplete="false">b/</BaseURL>'
        '<SegmentTemplate media="$Number$"/><Representation id="1"/></AdaptationSet></Period>'
    )
    expected = (
        '<BaseURL availabilityTimeOffset="7" availabilityTimeComplete="false">/prefix/media.test/film/a/b/</BaseURL>'
    )
    assert expected in content_of(content)


def test_prefixes_that_look_like_ours_don_t_meet_them() -> None:
    content = "".join(f'<a ns{each}:x="1" xmlns="urn:{each}" xmlns:ns{each}="urn:b{each}"/>' for each in range(9))
    content = '<ns2:a xmlns:ns2="urn:x"/>' + content
    document = rewrite(mpd(content), URL, replaced).document
    names = [(found.tag, *found.attrib) for found in ElementTree.fromstring(document)]
    assert names[0] == ("{urn:x}a",)
    assert names[1:] == [(f"{{urn:{each}}}a", f"{{urn:b{each}}}x") for each in range(9)]


def test_what_is_inherited_counts_for_each_that_inherits_it() -> None:
    shared = f"<SegmentList>{'<SegmentURL/>' * 9_000}</SegmentList>"
    assert "too many" in refused(period(shared + "<Representation/>" * 9_000))


def test_an_address_for_a_prefix_that_can_t_be_one_is_a_mistake_of_the_caller() -> None:
    document = mpd(period('<SegmentTemplate media="$Number$"/><Representation/>'))
    with pytest.raises(ValueError, match="ends with a slash"):
        rewrite(document, URL, lambda url, role: "/p?a=b/")


PIECES = [
    "<MPD>", "</MPD>", "<Period>", "</Period>", "<AdaptationSet>", "</AdaptationSet>", "<Representation id='..'>",
    "</Representation>", "<SegmentTemplate media='$a$/../$b' index='//x'/>", "<BaseURL>a/</BaseURL>", "<BaseURL/>",
    "<SegmentList>", "</SegmentList>", "<SegmentURL media='http://['/>", "<ns1:a xmlns:ns1='b'/>", "<a xmlns=''/>",
    "<Location/>", "&amp;", "&#x10ffff;", "<!--", "-->", "<![CDATA[", "]]>", "<?x?>", "\x00", "\ud800",
]  # fmt: skip


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map(
        lambda pieces: f"<MPD xmlns='{NAMESPACE}'>{''.join(pieces)}</MPD>".encode("utf-8", "surrogatepass")
    )
)
def test_no_bytes_break_the_parser(document: bytes) -> None:
    with suppress(ManifestError):
        found = rewrite(document, URL, replaced)
        assert isinstance(found, Manifest)
        ElementTree.fromstring(found.document)
