"""What a server that speaks S3 means when it refuses: its error documents, as ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synctv.adapters.providers.answers import failure, host_of, seconds_of
from synctv.adapters.providers.s3.account import Account
from synctv.adapters.providers.s3.documents import NoDocument, parsed, text_of
from synctv.application.ports.fetch import FetchResponse
from synctv.domain.errors import (
    UpstreamCredential,
    UpstreamFailed,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamUnavailable,
)
from synctv.domain.ids import Micros

_BAD_KEY = "it does not know this access key. It may have been removed: make a new one and sign in again."
_BAD_SIGNATURE = "the secret key is wrong, or the region is. Sign in again with those of this bucket."
_EXPIRED = "this access key has run out. Make a new one and sign in again."
_CLOCK = "the clocks of that server and of this one differ too much. Whoever runs this server can set its clock."
_DENIED = "this key may not do that. It needs the rights to list the bucket and to read what is in it."
_ARCHIVED = "this file is archived there. Restore it there first, then try again."


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was said: the code of the error document and the bucket's region, each empty where nothing was said."""

    host: str
    bucket: str
    code: str
    region: str
    retry_after: float


Meaning = Callable[[Refusal], UpstreamFailed]


def _credential(reason: str) -> Meaning:
    return lambda said: UpstreamCredential(said.host, reason)


def _refused(reason: str) -> Meaning:
    return lambda said: UpstreamRefused(said.host, reason)


def _no_bucket(said: Refusal) -> UpstreamFailed:
    missing = UpstreamMissing(said.host, f"there is no bucket called {said.bucket}. Check its name, and the region.")
    return missing.telling_others("its bucket is not there (any more).")


def _elsewhere(said: Refusal) -> UpstreamFailed:
    place = f"in the region {said.region}" if said.region else "in another region or at another address"
    elsewhere = UpstreamCredential(said.host, f"the bucket {said.bucket} is {place}. Sign in again with that.")
    return elsewhere.telling_others("its bucket is elsewhere now. Who added this has to sign in there again.")


def _limited(said: Refusal) -> UpstreamFailed:
    return UpstreamLimited(said.host, said.retry_after)


_MEANINGS: Mapping[str, Meaning] = {
    "InvalidAccessKeyId": _credential(_BAD_KEY),
    "SignatureDoesNotMatch": _credential(_BAD_SIGNATURE),
    "InvalidToken": _credential(_BAD_KEY),
    "ExpiredToken": _credential(_EXPIRED),
    "RequestTimeTooSkewed": lambda said: UpstreamFailed(said.host, _CLOCK),
    "AccessDenied": _refused(_DENIED),
    "AllAccessDisabled": _refused(_DENIED),
    "InvalidObjectState": _refused(_ARCHIVED),
    "NoSuchKey": lambda said: UpstreamMissing(said.host),
    "NoSuchVersion": lambda said: UpstreamMissing(said.host),
    "NoSuchBucket": _no_bucket,
    "InvalidBucketName": _no_bucket,
    "PermanentRedirect": _elsewhere,
    "TemporaryRedirect": _elsewhere,
    "AuthorizationHeaderMalformed": _elsewhere,
    "AuthorizationQueryParametersError": _elsewhere,
    "IllegalLocationConstraintException": _elsewhere,
    "SlowDown": _limited,
    "RequestLimitExceeded": _limited,
    "TooManyRequests": _limited,
    "ServiceUnavailable": _limited,
    "InternalError": lambda said: UpstreamUnavailable(said.host),
}
"""Amazon's documented codes, which the others use too."""


def must_be_good(response: FetchResponse, account: Account, now: Micros) -> FetchResponse:
    """The answer, if its status is 2xx. Else raises what its error document means, or at least its status."""
    if 200 <= response.status < 300:
        return response
    raise meaning_of(response, account, now)


def meaning_of(response: FetchResponse, account: Account, now: Micros) -> UpstreamFailed:
    """What an answer outside 2xx means."""
    code, region = _told(response.body)
    host, retry_after = host_of(account.endpoint), response.headers.get("retry-after")
    region = region or response.headers.get("x-amz-bucket-region", "")
    said = Refusal(host, account.bucket, code, region[:40], seconds_of(retry_after, now))
    if meaning := _MEANINGS.get(code):
        return meaning(said)
    if 300 <= response.status < 400:
        return _elsewhere(said)
    return failure(host, response.status, retry_after, now)


def _told(body: bytes) -> tuple[str, str]:
    """Code and region of an error document; empty for anything else."""
    try:
        document = parsed(body)
    except NoDocument:
        return "", ""
    return text_of(document, "Code"), text_of(document, "Region")
