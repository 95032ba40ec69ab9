"""Films and music on Jellyfin and Emby servers."""
