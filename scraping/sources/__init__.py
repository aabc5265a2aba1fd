"""Where a report's URLs come from: lists, files, sitemaps, merchant feeds, sheets."""
