"""The `synctv` command: starts a server, and is the client of the management of a running one."""
