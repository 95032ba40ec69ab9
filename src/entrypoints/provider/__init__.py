"""Providers for another SyncTV server: gRPC, behind a token."""
