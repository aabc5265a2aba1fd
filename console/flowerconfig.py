"""Flower's settings, wherever it runs. Login and prefix come from FLOWER_* variables. Read by Flower, never imported.

FLOWER_UNAUTHENTICATED_API must never be set: it opens the interface that stops workers to everyone.
"""

# Flower keeps tasks in memory: 100,000 of them, its default, took 276 MB.
max_tasks = 10_000
max_workers = 500
purge_offline_workers = 600  # seconds; containers that are replaced leave a name each
persistent = False
# Arguments are ids and small numbers, the run first, and a result is one of them again: neither holds a secret.
tasks_columns = "name,args,state,received,started,runtime,worker,result,uuid"
