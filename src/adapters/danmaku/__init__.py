"""Reads danmaku, as sites deliver them."""
