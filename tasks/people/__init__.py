"""Who is told what, when a report is late, has failed, or is well again."""
