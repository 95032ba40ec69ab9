"""Providers that run in a process of their own, called over gRPC."""
