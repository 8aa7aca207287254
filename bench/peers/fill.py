"""Fills PocketBase's collection from a database that `assay seed` made: fill.py ASSAY_SQLITE POCKETBASE_SQLITE.

Both are SQLite files, so it is one INSERT ... SELECT; the server must not run meanwhile. Statistics are made afterwards,
as its planner would have them after a while.
"""

import sqlite3
import sys

source, target = sys.argv[1:]
database = sqlite3.connect(target, isolation_level=None)
database.execute("ATTACH ? AS assay", (source,))
database.execute("BEGIN")
database.execute(
    """INSERT INTO instances (id, task, step, ticket, owner, external, ordinal, revision, status, ignored, closing,
           kind, started, completed, due, waiting, result)
       SELECT id, task_id, step_id, candidate_id, owner_id, coalesce(external_id, ''), ordinal, revision, state, ignored,
           coalesce(closing, ''), candidate_kind, started_at, coalesce(completed_at, 0), coalesce(due_at, 0), waiting,
           result_basic
       FROM assay.instance ORDER BY ordinal"""
)
database.execute("COMMIT")
database.execute("ANALYZE")
database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
(rows,) = database.execute("SELECT count(*) FROM instances").fetchone()
print(f"{rows} rows, SQLite {sqlite3.sqlite_version}", file=sys.stderr)
