"""The leased work queue. `enqueue` writes a row in the caller's transaction; see outbox.models."""
