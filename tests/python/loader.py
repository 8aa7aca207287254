"""dlt's REST source against a server at work, killed now and then; see bench/loader."""

import collections
import http.client
import itertools
import json
import logging
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"

import server  # noqa: E402

sys.path.insert(0, str(server.ROOT / "examples"))
import dlt_results  # noqa: E402
import duckdb  # noqa: E402
from dlt.pipeline.exceptions import PipelineStepFailed  # noqa: E402

RESCORERS = 2
PATIENCE = 30


class Exam:
    """Candidates who sit, driven by the load generator of this repository."""

    def __init__(self, app, rate, seconds):
        command = [
            server.BINARIES / "load", "--url", app.url, "--candidates", str(rate * seconds),
            "--start-window", str(seconds), "--end-window", str(seconds), "--length", str(seconds + 2),
            "--every", "4", "--pages", "1", "--questions", "4", "--connections", "128", "--patience", str(PATIENCE),
        ]
        self.process = subprocess.Popen(
            command, env=app.environment | {"LOAD_KEY": app.key}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def goes_on(self):
        return self.process.poll() is None

    def finish(self):
        said, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0 and " 0 gave up" in said, said
        return said


class Rescorer(threading.Thread):
    """Corrects each instance soon after it was completed, as a reader of the feed would who disagrees with everything."""

    def __init__(self, app, task, share):
        super().__init__(daemon=True)
        self.app, self.task, self.share = app, task, share
        self.stop = threading.Event()
        self.rescored = 0
        self.fault = None

    def run(self):
        try:
            self.follow()
        except Exception as fault:
            self.fault = fault

    def follow(self):
        cursor, seen = None, set()
        while True:
            is_last = self.stop.is_set()
            since = f"&since={cursor}" if cursor else ""
            run = self.ask("GET", f"/api/integration/rest/v1/tasks/{self.task}/test-instances/changes?limit=200{since}")
            for change in run["changes"]:
                instance = change["testInstanceId"]
                is_mine = sum(instance.encode()) % RESCORERS == self.share
                if is_mine and change["kind"] == "completed" and instance not in seen:
                    seen.add(instance)
                    self.correct(instance)
            cursor = run["cursor"]
            if not run["hasMore"]:
                if is_last:
                    return
                time.sleep(0.05)

    def correct(self, instance):
        path = f"/api/management/v1/tasks/{self.task}/instances/{instance}"
        # More points, and negative ones with them: either way a figure differs.
        correction = {"question": "q1x1", "change": "replace", "points": 2 + len(instance) % 3}
        made = self.ask("POST", f"{path}/corrections", {"correction": correction, "reason": "a test"})
        self.rescored += len(made["versions"])
        if self.rescored % 10 == 0:
            self.ask("POST", f"{path}/ignore", {})
            if self.rescored % 20 == 0:
                self.ask("POST", f"{path}/reacknowledge", {})

    def ask(self, method, path, body=None):
        """Tries again for as long as the server is away."""
        until = time.monotonic() + PATIENCE
        address = urllib.parse.urlsplit(self.app.url).netloc
        headers = {"Authorization": f"Bearer {self.app.key}", "Content-Type": "application/json"}
        if method == "GET":
            del headers["Content-Type"]
        while True:
            try:
                if getattr(self, "line", None) is None:
                    self.line = http.client.HTTPConnection(address, timeout=30)
                self.line.request(method, path, None if body is None else json.dumps(body), headers)
                reply = self.line.getresponse()
                read = reply.read()
                # What was done and not answered before the server was killed may be refused when it is asked for again.
                if reply.status == 403 and path.endswith("ignore"):
                    return None
                assert reply.status == 200, f"{method} {path}: {reply.status} {read}"
                return json.loads(read)
            except (OSError, http.client.HTTPException):
                self.line = None
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)


class Killer(threading.Thread):
    """Kills the server at moments of its own and starts it again."""

    def __init__(self, app, seconds, dice):
        super().__init__(daemon=True)
        self.app = app
        self.moments = sorted(dice.uniform(1.5, seconds + 1) for _ in range(dice.randint(1, 3)))
        self.kills = 0

    def run(self):
        begin = time.monotonic()
        for moment in self.moments:
            time.sleep(max(0, begin + moment - time.monotonic()))
            self.app.kill()
            self.app.start()
            self.kills += 1


def whole(row):
    """An instance as the API sends it, from a row of a table. Columns that held two types are two columns."""
    names = {
        "test_instance_id": "testInstanceId", "task_id": "taskId", "step_id": "stepId", "ticket_id": "ticketId",
        "status": "status", "ignored": "ignored", "result": "result", "organization_id": "organizationId",
        "candidate": "candidate", "folder": "folder", "group": "group", "labels": "labels", "tags": "tags",
    }
    instance = {}
    for column, name in names.items():
        found = [row[key] for key in (column, f"{column}__v_json", f"{column}__v_bool") if row.get(key) is not None]
        value = found[0] if found else None
        is_json = column in ("result", "candidate", "labels", "tags") and isinstance(value, str)
        instance[name] = json.loads(value) if is_json else value
    return instance


def table(base, way):
    """The rows of a copy by id; none may be there twice."""
    described = base.execute(f"select * from assay.{way}")
    columns = [column[0] for column in described.description]
    rows = [dict(zip(columns, row)) for row in described.fetchall()]
    if way == "changed":
        instances = [json.loads(row["test_instance"]) for row in rows]
    else:
        instances = [whole(row) for row in rows]
    copies = {instance["testInstanceId"]: instance for instance in instances}
    assert len(copies) == len(instances), f"{way}: {len(instances) - len(copies)} rows are there twice"
    return copies


def database(app, task):
    """What the file holds, read past the server."""
    base = sqlite3.connect(f"file:{app.folder / 'data' / 'assay.sqlite'}?mode=ro", uri=True)
    rows = base.execute(
        "SELECT id, task_id, step_id, candidate_id, state, ignored, result_detailed, organization_id, owner_id,"
        " candidate_kind, folder, group_name, labels, tags FROM instance WHERE task_id = ?", [task]
    )
    instances = {}
    for id, task, step, ticket, state, ignored, result, organization, owner, kind, folder, group, labels, tags in rows:
        instances[id] = {
            "testInstanceId": id, "taskId": task, "stepId": step, "ticketId": ticket, "status": state,
            "ignored": bool(ignored), "result": json.loads(result) if state == "COMPLETE" else False,
            "organizationId": organization, "candidate": {"id": owner, "kind": kind}, "folder": folder,
            "group": group, "labels": json.loads(labels), "tags": json.loads(tags),
        }
    base.close()
    return instances


class Loader:
    def __init__(self, app, task):
        self.app, self.task = app, task
        self.file = str(app.folder / "results.duckdb")
        self.pipeline = dlt_results.pipeline(self.file, str(app.folder / "dlt"))
        self.loads, self.failures, self.fetched = 0, 0, 0

    def load(self):
        """Loads once; gives how many rows came by the feed. Trying again later is the scheduler's, as in life."""
        try:
            self.pipeline.run(dlt_results.results(self.app.url, self.app.key, self.task))
        except PipelineStepFailed as failure:
            self.failures += 1
            if self.failures > 5:
                raise
            logging.warning("a load failed and is tried again: %s", str(failure).splitlines()[-1])
            return None
        self.loads += 1
        fetched = collections.Counter(self.pipeline.last_trace.last_normalize_info.row_counts)
        self.fetched += fetched["changed"]
        return fetched["changed"]

    def copies(self):
        base = duckdb.connect(self.file, read_only=True)
        try:
            there = {row[0] for row in base.execute("select table_name from information_schema.tables").fetchall()}
            return {way: table(base, way) for way in dlt_results.WAYS if way in there}
        finally:
            base.close()


def difference(one, other):
    ids = [id for id in one.keys() | other.keys() if one.get(id) != other.get(id)]
    return f"{len(ids)} rows differ, as {one.get(ids[0])} and {other.get(ids[0])}" if ids else None


def run(number, rate, seconds, dice, is_killed):
    with server.Server(ASSAY_LOG_LEVEL="warn,assay=info") as app:
        exam = Exam(app, rate, seconds)
        while not (tasks := app.ask("GET", "/api/integration/rest/v1/tasks")["tasks"]):
            assert exam.goes_on(), exam.finish()
            time.sleep(0.05)
        task = tasks[0]["taskId"]
        path = f"/api/integration/rest/v1/tasks/{task}/test-instances?limit=1"
        while app.ask("GET", path)["pagination"]["totalItems"] == 0:
            assert exam.goes_on(), exam.finish()
            time.sleep(0.05)
        begin = time.monotonic()
        killer = Killer(app, seconds, dice) if is_killed else None
        rescorers = [Rescorer(app, task, share) for share in range(RESCORERS)]
        for thread in [*rescorers, *filter(None, [killer])]:
            thread.start()
        loader = Loader(app, task)
        met = 0
        while exam.goes_on() or (killer and killer.is_alive()):
            loader.load()
            for way, copy in loader.copies().items():
                # Only what the file holds may be in a copy, and rows never go.
                assert len(copy) >= (met if way == "changed" else 0), way
                met = max(met, len(copy) if way == "changed" else 0)
        exam.finish()
        for rescorer in rescorers:
            rescorer.stop.set()
            rescorer.join(timeout=120)
            assert not rescorer.is_alive() and rescorer.fault is None, rescorer.fault
        took = time.monotonic() - begin
        # Quiet now.
        while loader.load() is None:
            pass
        assert loader.load() == 0, "an incremental load of nothing loads something"
        copies, instances = loader.copies(), database(app, task)
        for way in dlt_results.WAYS:
            fault = difference(copies[way], instances)
            assert fault is None, f"{way} and the database: {fault}"
        assert len(instances) == rate * seconds
        assert all(row["status"] == "COMPLETE" for row in instances.values())
        rescored = sum(rescorer.rescored for rescorer in rescorers)
        figures = busiest(app, task)
        print(
            f"run {number}: {len(instances)} instances in {took:.0f} s, {rescored} re-scored, busiest second {figures}; "
            f"{loader.loads} loads, {loader.fetched} rows by the feed, {loader.failures} loads tried again, "
            f"{killer.kills if killer else 0} kills; list = search = feed = database",
            flush=True,
        )


def busiest(app, task):
    """Starts, completions and changes of the second that had the most of each."""
    base = sqlite3.connect(f"file:{app.folder / 'data' / 'assay.sqlite'}?mode=ro", uri=True)
    counts = []
    for column in ["started_at", "completed_at", "changed_at"]:
        most = base.execute(
            f"SELECT max(n) FROM (SELECT count(*) AS n FROM instance WHERE task_id = ? GROUP BY {column} / 1000)", [task]
        )
        counts.append(most.fetchone()[0])
    span = base.execute(
        "SELECT count(*), max(started_at) - min(started_at) FROM instance WHERE task_id = ?", [task]
    ).fetchone()
    base.close()
    mean = span[0] * 1000 / max(span[1], 1)
    return f"{counts[0]} starts ({mean:.0f} on average), {counts[1]} completions, {counts[2]} last changes"


def main(runs=20, rate=200, seconds=10):
    dice = random.Random(int(os.environ.get("SEED", "1")))
    for number in itertools.count(1):
        if number > runs:
            break
        run(number, rate, seconds, dice, is_killed=number % 2 == 0 or runs == 1)
    print(f"{runs} runs without a row missing, twice, stale or strange.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
