"""Rooms, their members and their guests."""
