"""The tests, by level: domain, application, contracts, adapters, entrypoints, e2e, and the architecture itself."""
