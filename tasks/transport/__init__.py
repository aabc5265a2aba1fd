"""What Celery and kombu need besides themselves to come back, to lose nothing, and to be looked into."""
