"""A page as its readers see it: bytes, the parts that are worth parsing, texts in the order they are read."""
