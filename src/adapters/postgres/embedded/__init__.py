"""A PostgreSQL server of our own, from binaries in a Python package, for people who run no database server."""
