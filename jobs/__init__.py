"""What we promise: job definitions, the catalogue, Variables and secret references. Pure."""
