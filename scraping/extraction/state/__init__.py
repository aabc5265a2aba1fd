"""What a page's scripts keep for their own use: product objects in embedded JSON."""
