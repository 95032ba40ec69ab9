"""Identity providers (OAuth 2.0, OpenID Connect), asked over the fetch port."""
