"""Controlling what a room shows."""
