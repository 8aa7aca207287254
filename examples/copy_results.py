#!/usr/bin/env python3
"""Keeps a copy of a task's results in a file of one instance a line.

usage: examples/copy_results.py [--full] BASE_URL API_KEY TASK_ID FILE

--full fetches everything by an export and checks number and digest. Without it only what changed since the last time
is fetched by the change feed, everything at the first time; the place is kept in FILE.cursor. The key needs the scope
results:read. Needs nothing but Python 3.9.
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

TRIES = 5


def main(arguments):
    full = arguments[:1] == ["--full"]
    if len(arguments) != 4 + full:
        sys.exit(__doc__)
    base, key, task, file = arguments[full:]
    task = Task(f"{base}/api/integration/rest/v1/tasks/{urllib.parse.quote(task, safe='')}", key)
    if full:
        replace(file, task.export())
    else:
        follow(task, file)


class Task:
    def __init__(self, root, key):
        self.root = root
        self.key = key

    def get(self, path, **query):
        """The body of an answer; waits and tries again when the server is away or asks to wait."""
        sent = {name: value for name, value in query.items() if value is not None}
        url = f"{self.root}{path}?{urllib.parse.urlencode(sent)}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.key}"})
        for left in reversed(range(TRIES)):
            pause = 2 ** (TRIES - left - 1)
            try:
                with urllib.request.urlopen(request, timeout=60) as reply:
                    return reply.read()
            except urllib.error.HTTPError as refused:
                if refused.code not in (429, 500, 503) or left == 0:
                    # A problem (RFC 9457): `code` is stable, `errors` names every fault.
                    sys.exit(f"{refused.code}: {refused.read().decode()}")
                pause = int(refused.headers.get("Retry-After", pause))
            except OSError as fault:
                if left == 0:
                    sys.exit(f"{url}: {fault}")
            time.sleep(pause)

    def export(self):
        lines = self.get("/test-instances/export", mode="detailed").splitlines(keepends=True)
        rows, trailer = lines[:-1], json.loads(lines[-1])
        digest = hashlib.sha256(b"".join(rows)).hexdigest()
        if trailer != {"end": True, "count": len(rows), "sha256": digest}:
            sys.exit("the export is not whole")
        return rows

    def changes(self, cursor):
        """Changes since a cursor, run by run, each with the cursor behind it."""
        more = True
        while more:
            run = json.loads(self.get("/test-instances/changes", mode="detailed", limit=1000, since=cursor))
            cursor, more = run["cursor"], run["hasMore"]
            yield run["changes"], cursor


def follow(task, file):
    rows = {row["testInstanceId"]: row for row in map(json.loads, read(file).splitlines())}
    cursor = read(file + ".cursor").strip() or None
    for changes, cursor in task.changes(cursor):
        for change in changes:
            # Null is reserved: an instance that is gone.
            rows[change["testInstanceId"]] = change["testInstance"]
    present = [row for row in rows.values() if row is not None]
    # First the rows, then the place: what is broken off between the two is merely fetched once more.
    replace(file, [json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for row in present])
    replace(file + ".cursor", [cursor.encode() + b"\n"])


def read(file):
    try:
        with open(file, encoding="utf-8") as cursor:
            return cursor.read()
    except FileNotFoundError:
        return ""


def replace(file, lines):
    with open(file + ".new", "wb") as new:
        new.writelines(lines)
    os.replace(file + ".new", file)


main(sys.argv[1:])
