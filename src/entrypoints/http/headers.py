"""Headers that keep browsers from being tricked, and the ones by which other origins may ask."""

from __future__ import annotations

from blacksheep import Request, Response

from synctv.entrypoints.http.exchange import scheme
from synctv.entrypoints.http.options import HttpOptions

PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; "
    "connect-src 'self' ws: wss: http: https:; media-src * blob:; img-src * data: blob:; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)
"""What the page may load. Media and their manifests come from wherever the people in a room found them; the page's own
side of OPAQUE is WebAssembly, which browsers count as evaluated text unless they are told otherwise."""

_ABILITIES = (
    b"camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=(), "
    b"publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
"""What a page and the frames in it may ask of a browser: passkeys, and to talk with one another."""

_DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'"
_HSTS = b"max-age=31536000"
_ALWAYS = (
    (b"X-Content-Type-Options", b"nosniff"),
    (b"Referrer-Policy", b"same-origin"),
    (b"X-Frame-Options", b"DENY"),
    (b"Cross-Origin-Opener-Policy", b"same-origin"),
)

_ASKED_HEADERS = b"Authorization, Content-Type, Idempotency-Key, If-Match, X-Grant, X-Request-Id"
_SHOWN_HEADERS = b"Idempotency-Replayed, Retry-After, X-Request-Id"
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_PREFLIGHT_SECONDS = b"600"


def secure(request: Request, response: Response) -> None:
    """Adds what every answer carries. HSTS only where the browser is on https: elsewhere it would lock people out."""
    for name, value in _ALWAYS:
        response.set_header(name, value)
    if response.has_header(b"content-security-policy"):
        response.set_header(b"Permissions-Policy", _ABILITIES)
    else:
        response.add_header(b"Content-Security-Policy", _DATA_POLICY)
    if scheme(request) == "https":
        response.set_header(b"Strict-Transport-Security", _HSTS)


def preflight(request: Request) -> Response | None:
    """The answer to a browser that asks whether another origin may ask; None for every other request."""
    if request.method != "OPTIONS" or not request.has_header(b"access-control-request-method"):
        return None
    headers = [
        (b"Access-Control-Allow-Methods", _METHODS),
        (b"Access-Control-Allow-Headers", _ASKED_HEADERS),
        (b"Access-Control-Max-Age", _PREFLIGHT_SECONDS),
    ]
    return Response(204, headers)


def share(request: Request, response: Response, options: HttpOptions) -> None:
    """Lets a page of an allowed origin read the answer. Cookies stay out of it: other origins use bearer tokens."""
    if not options.cors_origins:
        return
    response.add_header(b"Vary", b"Origin")
    origin = request.get_first_header(b"origin")
    if origin is not None and origin.decode("latin-1") in options.cors_origins:
        response.set_header(b"Access-Control-Allow-Origin", origin)
        response.set_header(b"Access-Control-Expose-Headers", _SHOWN_HEADERS)
