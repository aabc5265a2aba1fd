"""What a report is made of: rows, money, codes, comparison, quality, message. Pure."""
