"""A report as one tab of a Google spreadsheet: one atomic write that a reader never sees half of."""
