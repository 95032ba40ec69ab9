"""Everything in this process: for development, for tests, and for small servers without Redis."""
