"""Getting an item to a player."""
