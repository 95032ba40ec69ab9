"""What the operator of a server does."""
