"""Setup, sign-in and who somebody is."""
