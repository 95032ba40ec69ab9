"""Reading what was done to accounts and rooms, and by whom."""
