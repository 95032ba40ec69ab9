"""The `synctv` command: starts a server, and is the client of the management entrypoint of a running one."""
