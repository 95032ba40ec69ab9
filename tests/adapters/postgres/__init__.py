"""PostgreSQL: the adapters and the server that may come with them."""
