"""Rooms, members, actors and what they may do."""
