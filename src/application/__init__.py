"""Use cases: what the product can do, driven through ports."""
