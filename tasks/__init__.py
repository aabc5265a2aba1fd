"""The Celery app, the chain and the chord: composes the rooms below."""
