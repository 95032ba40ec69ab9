"""How the bytes of an item reach a player."""
