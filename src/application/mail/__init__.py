"""Letters: into the outbox with what they tell of, and out of it to the mail server."""
