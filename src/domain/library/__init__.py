"""A room's media items, the folders that they are in, and their order."""
