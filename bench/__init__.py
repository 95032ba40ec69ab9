"""Measurements. Each prints its figures together with how they were taken; none of them is a test."""
