"""Storage in PostgreSQL, and a PostgreSQL server of our own for who has none."""
