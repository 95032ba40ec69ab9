"""What was done to accounts and rooms, by whom."""
