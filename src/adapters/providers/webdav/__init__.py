"""Files on servers that speak WebDAV: Nextcloud, Seafile, network storages, and many others."""
