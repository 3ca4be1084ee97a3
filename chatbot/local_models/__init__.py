"""Large models that run in the house: kept, fetched from a hub, and asked in a process apart."""
