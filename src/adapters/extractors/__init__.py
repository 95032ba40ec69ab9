"""yt-dlp and streamlink, in processes of their own: they read the pages of sites that have no API for us."""
