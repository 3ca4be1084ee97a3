"""Queues of people: which one a conversation waits in, who gets it, and by when."""
