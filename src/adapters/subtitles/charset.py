"""Finds out how bytes become text, for files whose makers did not say."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_SAMPLE_BYTES = 256 << 10
_ZEROS = 10
"""One byte or character of so many is zero in text of which we have not found the charset yet."""
_WRONG = 10
"""One character of so many, beyond ASCII, may be wrong in UTF-8."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, which begins alike
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What people call by an older name, often with characters that came later.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Web servers say these of every text; and any bytes are text in them.
_SAID_OF_ANYTHING = frozenset({"ascii", "iso8859_1", "cp1252"})
_NO_TEXT = frozenset({"utf_7", "idna", "punycode", "raw_unicode_escape", "unicode_escape", "undefined"})
_CANDIDATES = [
    "gb18030", "big5", "cp932", "cp949", "euc_jp", "utf_16_le", "utf_16_be", "cp1250", "cp1251", "cp1252", "cp1253",
    "cp1254", "cp1255", "cp1256", "cp1258", "koi8_r", "tis_620",
]  # fmt: skip
_TIMES = re.compile(rb"(?m)^[\d:., ]{8,40}(?:-->[\d:., ]{8,40})?\r?$")


def declared_in(hint: str | None) -> str | None:
    """The charset that a content type names (`text/plain; charset=gb18030`)."""
    for parameter in (hint or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return None


def text_of(content: bytes, declared: str | None) -> str:
    """The bytes as text: by their byte order mark, as declared, as UTF-8, or as they look most likely. Never fails."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    for known in (_usable(declared), "utf-8", _by_zeros(content)):
        text = _strictly(content, known)
        if text is not None:
            return text
    return _damaged_utf8(content) or content.decode(_likely(content), "replace")


def _damaged_utf8(content: bytes) -> str | None:
    """UTF-8 of which some bytes are wrong: in text of another charset hardly any would be right."""
    text = content.decode("utf-8", "replace")
    beyond_ascii = sum(not character.isascii() for character in text)
    return text if text.count("\ufffd") * _WRONG < beyond_ascii else None


def _usable(declared: str | None) -> str | None:
    """Our name for a declared charset that is worth trying."""
    try:
        name = codecs.lookup(declared).name if declared else ""
    except (LookupError, ValueError):
        return None
    name = name.replace("-", "_")
    return _WIDER.get(name, name) if name and name not in _SAID_OF_ANYTHING | _NO_TEXT else None


def _strictly(content: bytes, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        text = content.decode(name)
    except (UnicodeError, LookupError, ValueError):  # codecs that turn bytes into bytes are no charsets: LookupError
        return None
    # A stray one is left to whoever drops control characters; many are half the bytes of another charset.
    return text if text.count("\0") * _ZEROS < len(text) or not text else None


def _by_zeros(content: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of what is ASCII in it, such as times, is zero."""
    sample = content[:4_096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * _ZEROS < len(sample):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _likely(content: bytes) -> str:
    """The charset that a part of the file, without its times, looks like."""
    sample = content[:_SAMPLE_BYTES]
    if len(sample) < len(content):
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    words = _TIMES.sub(b"", sample)
    best = from_bytes(words or sample, cp_isolation=_CANDIDATES, enable_fallback=False).best()
    return _WIDER.get(best.encoding, best.encoding) if best is not None else "gb18030"
