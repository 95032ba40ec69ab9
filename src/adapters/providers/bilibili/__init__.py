"""Bilibili: its addresses and numbers are known here, its pages are read by yt-dlp and streamlink."""
