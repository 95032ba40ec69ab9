"""Password hashes, signed tokens, and the server's own keys."""
