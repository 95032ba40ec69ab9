"""What people say in a room."""
