"""A room's items."""
