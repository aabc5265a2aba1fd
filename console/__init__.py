"""How people look in: the `shelfbeat` command."""
