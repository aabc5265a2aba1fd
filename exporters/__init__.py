"""From rows to the outside: Sheets, XLSX, CSV, JSONL, notices. Knows no Celery."""
