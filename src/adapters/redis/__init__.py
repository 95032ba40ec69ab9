"""What replicas share through Redis (6.2 or later): short-lived state and the bus."""
