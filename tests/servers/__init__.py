"""Real servers for tests: one per session, found or started, and a fresh database for each test."""
