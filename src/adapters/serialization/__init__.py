"""Domain values as JSON, for storage and between processes."""
