"""Every run's rows, kept, and what is read out of them. Needs the extra `history`."""
