"""What a room shows now, and what it showed before."""
