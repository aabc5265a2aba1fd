"""HTTP from a URL to an answer: guarded addresses, kept connections, bounded bodies, faults in the words of a row."""
