"""Process entry: `celery -A beat.app beat`."""
