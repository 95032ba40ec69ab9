"""The many sites that yt-dlp knows."""
