"""Live channels that streamlink knows."""
