"""The desk's inbox: which conversations an agent sees, finds, sorts, and changes many at once."""
