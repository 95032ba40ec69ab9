"""A room's media items and their order."""
