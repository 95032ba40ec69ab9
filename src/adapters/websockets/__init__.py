"""WebSocket connections as a transport of the realtime hub."""
