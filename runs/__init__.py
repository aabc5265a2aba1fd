"""What is happening: the ledger in Redis (runs, steps, batches, events, locks). Knows no Celery."""
