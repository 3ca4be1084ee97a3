"""The REST API for a company's own server. Thin: the rules are the ones that the sockets use."""
