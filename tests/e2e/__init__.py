"""Whole servers and real browsers, as people meet them."""
