"""Files that strangers send: what they are, and made anew, in a process with limits of its own."""
