"""Files on Alist and OpenList servers."""
