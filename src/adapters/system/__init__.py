"""What only the machine can give: time, and unpredictable numbers."""
