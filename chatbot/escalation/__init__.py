"""Tier 2: ask the large model with the evidence of tier 1, and check what it says against it.

Text leaves the machine here and nowhere else: only where a provider is configured and the
workspace allows it, only in redacted form, and never without a line in the egress log.
"""
