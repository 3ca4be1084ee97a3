"""Tiers 0 and 1: understand, retrieve, rank, read, decide. No transaction is open meanwhile."""
