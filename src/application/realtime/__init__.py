"""The realtime connection: its session, and the hub that tells everybody."""
