"""Films in buckets that speak S3."""
