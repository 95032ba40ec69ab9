"""The embedded PostgreSQL, on its real binaries."""
