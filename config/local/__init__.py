"""The private PostgreSQL and Redis of one checkout, and the supervisor behind `make run`.

Nothing here imports Django: it must work before settings can load. Errors: LocalError alone; its
message is for the person at the terminal.
"""
