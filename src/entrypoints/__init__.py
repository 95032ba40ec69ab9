"""What the outside reaches: HTTP, realtime, management, the command, and the composition of them all."""
