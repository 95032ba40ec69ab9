"""Accounts, their roles and sign-in sessions."""
