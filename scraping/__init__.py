"""From a URL to a row: sources, client, guard, pace, robots, page kinds, extraction. Knows no Celery."""
