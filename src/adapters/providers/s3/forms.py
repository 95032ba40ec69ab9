"""The forms for access to a bucket: one for each product that people have, and one for all others."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from synctv.adapters.providers.s3.account import Account, account_from, switched, valid_endpoint
from synctv.application.library.login_forms import filled_in
from synctv.application.ports.providers import FieldKind, FormField, LoginForm, Manifest
from synctv.domain.errors import Invalid

_BUCKET = FormField("bucket", "Bucket", placeholder="films")
_ACCESS = FormField("access_key", "Access key", help="Sometimes called access key id, or key id.")
_SECRET = FormField("secret_key", "Secret key", FieldKind.HIDDEN, help="Shown once, when the key is made.")
_KEYS = (_BUCKET, _ACCESS, _SECRET)
_STYLE = FormField(
    "path_style",
    "Bucket in the path",
    required=False,
    placeholder="yes",
    help="yes for https://server/bucket, no for https://bucket.server. Most servers at home want yes.",
)
_RIGHTS = "It needs no more than the rights to list this bucket and to read what is in it."

FORMS = (
    LoginForm(
        "keys",
        "Any server that speaks S3",
        (
            FormField("server", "Address of the server", FieldKind.URL, placeholder="https://s3.example.org"),
            FormField("region", "Region", required=False, placeholder="us-east-1", help="Many servers have only one."),
            *_KEYS,
            _STYLE,
        ),
        help=f"Make a key for SyncTV alone. {_RIGHTS}",
    ),
    LoginForm(
        "aws",
        "Amazon S3",
        (FormField("region", "Region of the bucket", placeholder="eu-central-1"), *_KEYS),
        help="Make a user in IAM without access to the console, allow it s3:ListBucket on the bucket and s3:GetObject "
        "on what is in it, and make an access key for it.",
    ),
    LoginForm(
        "minio",
        "MinIO",
        (
            FormField(
                "server",
                "Address of the S3 API",
                FieldKind.URL,
                placeholder="http://nas.lan:9000",
                help="That of the API, not that of the console.",
            ),
            *_KEYS,
        ),
        help=f"In the console, make an access key. {_RIGHTS}",
    ),
    LoginForm(
        "r2",
        "Cloudflare R2",
        (
            FormField(
                "server",
                "S3 API",
                FieldKind.URL,
                placeholder="https://<account id>.r2.cloudflarestorage.com",
                help="It stands in the settings of the bucket.",
            ),
            *_KEYS,
        ),
        help="Under R2, Manage API tokens, make a token with the right Object Read only for this bucket.",
    ),
    LoginForm(
        "b2",
        "Backblaze B2",
        (
            FormField(
                "server",
                "Endpoint",
                FieldKind.URL,
                placeholder="s3.us-west-004.backblazeb2.com",
                help="It stands beside the bucket.",
            ),
            _BUCKET,
            FormField("access_key", "keyID"),
            FormField("secret_key", "applicationKey", FieldKind.HIDDEN, help="Shown once, when the key is made."),
        ),
        help="Under Application Keys, add a key for this bucket with the right Read only. The master key is of no use.",
    ),
    LoginForm(
        "wasabi",
        "Wasabi",
        (FormField("region", "Region of the bucket", placeholder="eu-central-1"), *_KEYS),
        help="Make a sub-user with a policy that allows s3:ListBucket and s3:GetObject, and an access key for it.",
    ),
)
DEFAULT_REGION = "us-east-1"


def new_account(manifest: Manifest, form: str, fields: Mapping[str, str]) -> Account:
    """The account that was filled in. Raises `Invalid`, with the path `form` or paths below `fields`."""
    values = filled_in(manifest, form, fields)
    region = values.get("region") or DEFAULT_REGION
    match form:
        case "aws":
            suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            return account_from(values, f"https://s3.{region}.{suffix}", region, path_style=False)
        case "wasabi":
            return account_from(values, f"https://s3.{region}.wasabisys.com", region, path_style=False)
        case "r2":
            return account_from(values, values["server"], "auto", path_style=True)
        case "b2":
            return account_from(values, values["server"], _region_in(values["server"]), path_style=True)
        case "minio":
            return account_from(values, values["server"], DEFAULT_REGION, path_style=True)
    style = switched(values["path_style"], "fields.path_style", default=True)
    return account_from(values, values["server"], region, path_style=style)


def _region_in(server: str) -> str:
    """The region that the host name of an endpoint holds: `s3.us-west-004.backblazeb2.com`."""
    labels = (urlsplit(valid_endpoint(server)).hostname or "").split(".")
    if len(labels) < 4 or labels[0] != "s3":
        raise Invalid.field("fields.server", "An endpoint looks like s3.us-west-004.backblazeb2.com.", "format")
    return labels[1]
