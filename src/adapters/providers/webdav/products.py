"""The products that speak WebDAV, each with its way to be signed in to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.application.ports.providers import FieldKind, FormField, LoginForm

OCS_PRODUCTS = frozenset({"nextcloud", "owncloud"})
"""Those where the account's own id stands in the path, and is asked for."""

_ANY_ADVICE = "it does not take this name with this password (any more). Check both, then sign in to it again."


@dataclass(frozen=True, slots=True)
class Product:
    """`root` is where its files begin below the address that people know it by; what follows a `marker` in what they
    enter is no part of that address. `bare` products take no body with a PROPFIND. `advice` follows a refusal.
    """

    form: LoginForm
    root: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    bare: bool = False
    advice: str = _ANY_ADVICE


def _form(
    id_: str,
    title: str,
    placeholder: str,
    help_: str,
    name: str = "Name",
    password: str = "Password",  # noqa: S107
) -> LoginForm:
    return LoginForm(
        id_,
        title,
        (
            FormField("server", "Address", FieldKind.URL, placeholder=placeholder),
            FormField("username", name, required=id_ != "password"),
            FormField("password", password, FieldKind.HIDDEN, required=id_ != "password"),
        ),
        help_,
    )


_ALL = (
    Product(
        _form(
            "nextcloud",
            "Nextcloud",
            "https://cloud.example.org",
            "Make an app password in Nextcloud: Settings, Security, Devices and sessions. With two factors or single "
            "sign-on only such a password works.",
            password="App password",  # noqa: S106
        ),
        markers=("/remote.php", "/index.php", "/apps/", "/login", "/f/", "/s/"),
        advice="it does not take this name with this password. Make a new app password in its settings under Security, "
        "and sign in with it again.",
    ),
    Product(
        _form(
            "owncloud",
            "ownCloud",
            "https://cloud.example.org",
            "Make an app password in ownCloud: Settings, Security.",
            password="App password",  # noqa: S106
        ),
        markers=("/remote.php", "/index.php", "/apps/", "/login", "/f/", "/s/"),
        advice="it does not take this name with this password. Make a new app password in its settings under Security, "
        "and sign in with it again.",
    ),
    Product(
        LoginForm(
            "share",
            "Link of a share (Nextcloud, ownCloud)",
            (
                FormField("server", "Link", FieldKind.URL, placeholder="https://cloud.example.org/s/AbCdEfGhIjKlMno"),
                FormField("password", "Password of the link", FieldKind.HIDDEN, required=False),
            ),
            "For a folder that somebody shared with a link. No account is needed there.",
        ),
        advice="this link wants another password, or none any more. Ask who shared it, and sign in with the link.",
    ),
    Product(
        _form(
            "seafile",
            "Seafile",
            "https://seafile.example.org",
            "WebDAV has to be switched on by the server's administrator. Encrypted libraries can't be seen. With "
            "single sign-on or two factors, set a WebDAV password in your profile.",
            name="Email address",
        ),
        root=("seafdav",),
        markers=("/seafdav", "/library/", "/accounts/"),
        advice="it does not take this address with this password. With single sign-on or two factors, set a WebDAV "
        "password in your profile there, and sign in with it again.",
    ),
    Product(
        _form(
            "synology",
            "Synology",
            "https://nas.example.org:5006",
            "Install the package WebDAV Server, switch its HTTPS on, and allow the account to use WebDAV.",
        ),
        advice="it does not take this name with this password, or the account may not use WebDAV. Look at the "
        "account's applications in its control panel, then sign in again.",
    ),
    Product(
        _form(
            "qnap",
            "QNAP",
            "https://nas.example.org:8081/Multimedia",
            "Switch WebDAV on in the control panel, and give the account a right to the shared folder. The folder's "
            "name belongs to the address.",
        ),
        advice="it does not take this name with this password, or the account has no right to this shared folder by "
        "WebDAV. Check both in its control panel, then sign in again.",
    ),
    Product(
        _form(
            "truenas",
            "TrueNAS",
            "https://nas.example.org:8081/films",
            "For the WebDAV service of TrueNAS CORE: its name is always webdav, and the share belongs to the "
            "address. For an app on newer versions use what the app shows.",
        ),
    ),
    Product(
        _form(
            "fnos",
            "fnOS",
            "https://nas.example.org:5006",
            "Switch WebDAV on, and use an account that is no administrator and sees at least one folder.",
        ),
        bare=True,
        advice="it does not take this name with this password. It refuses administrators: use an ordinary account "
        "that sees at least one folder.",
    ),
    Product(
        _form(
            "cloudreve",
            "Cloudreve",
            "https://cloudreve.example.org",
            "Make a WebDAV account in Cloudreve: it has a password of its own. The name is your email address.",
            name="Email address",
            password="Password of the WebDAV account",  # noqa: S106
        ),
        root=("dav",),
        markers=("/dav", "/home", "/session"),
        advice="it does not take this address with this password. Use the password of a WebDAV account, which is "
        "made there under WebDAV, and sign in again.",
    ),
    Product(
        _form(
            "password",
            "Any other WebDAV server",
            "https://dav.example.org/films",
            "The address of a folder that is shared by WebDAV. Name and password may be empty where it is "
            "open to everybody.",
        ),
    ),
)

PRODUCTS: Mapping[str, Product] = {product.form.id: product for product in _ALL}
FORMS = tuple(product.form for product in _ALL)


def known_address(product: Product, address: str) -> str:
    """The address that people know the product by, from one of the pages or folders that they copied."""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    path = slash + path
    ends = [
        at
        for marker in product.markers
        if (at := f"{path}/".find(marker if marker.endswith("/") else f"{marker}/")) >= 0
    ]
    return f"{scheme}://{host}{path[: min(ends)] if ends else path}"
