"""Calls to other servers over HTTP, within the egress policy."""
