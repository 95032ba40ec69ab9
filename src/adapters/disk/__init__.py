"""Adapters that keep files."""
