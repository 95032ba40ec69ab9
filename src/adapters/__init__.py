"""What the ports are made of: one folder per technology."""
