"""What turns sources into something to play: one folder for each provider."""
