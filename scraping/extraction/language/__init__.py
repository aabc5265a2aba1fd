"""What shops say, in their languages: words, states of stock, currencies, numbers. Knows no page."""
