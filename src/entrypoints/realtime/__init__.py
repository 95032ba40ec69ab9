"""The realtime entrypoint: a WebSocket server of its own, with a binary and a JSON codec."""
