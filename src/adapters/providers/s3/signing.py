"""Addresses that are signed for a while (AWS Signature Version 4 in the query), computed here without asking anybody.

botocore has the signature alone: it gets the keys that a person gave, looks for no others, and never calls a server.
Importing it takes a while, so that this module is imported in a thread, when the first bucket is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from botocore.auth import SIGV4_TIMESTAMP, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from synctv.adapters.providers.s3.account import Account
from synctv.domain.ids import MICROS, Micros


class _DatedAuth(S3SigV4QueryAuth):
    """Signs for a moment that it is told, where its parent asks the machine."""

    def sign(self, request: AWSRequest, at: Micros) -> str:
        """The request's address, signed."""
        request.context["timestamp"] = datetime.fromtimestamp(at // MICROS, UTC).strftime(SIGV4_TIMESTAMP)
        self._modify_request_before_signing(request)  # type: ignore[attr-defined] # for subclasses; the stubs lack it
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))  # type: ignore[attr-defined] # likewise
        return str(request.url)


def presigned(account: Account, method: str, key: str, query: Mapping[str, str], *, at: Micros, seconds: int) -> str:
    """The address with which this one call may be made for so many seconds (at most a week) from a moment on."""
    credentials = Credentials(account.access_key, account.secret_key)
    auth = _DatedAuth(credentials, "s3", account.region, expires=seconds)
    return auth.sign(AWSRequest(method, account.url(key), params=dict(query)), at)
