"""Talking in a room."""
