"""The operator's own door: gRPC on a Unix socket that only the server's user may open."""
