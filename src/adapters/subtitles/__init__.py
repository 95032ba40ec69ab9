"""Reads subtitles of many formats and charsets.

The formats are read by ourselves: what libraries do with hostile files grows with the square of their size.
"""
