"""What a person sees on the page, read last."""
