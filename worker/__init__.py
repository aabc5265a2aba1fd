"""Process entry: `celery -A worker.app worker`."""
