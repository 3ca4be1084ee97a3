"""The sockets. They parse, check permission on every frame, and make one call."""
