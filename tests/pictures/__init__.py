"""The pictures of the documentation: made by `python -m tests.pictures`, on made-up data.

It lies beside the browser tests because it stands on what they stand on: the private services, the
processes of `tests.live`, a Chromium, and their helpers that put a conversation into any state.
"""
