"""The work of bench/neighbours: two organizations on one server, one quiet and one loud."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ASSAY = os.environ["ASSAY"]
LENGTH = float(os.environ.get("SECONDS_EACH", "15"))
CANDIDATES = int(os.environ.get("CANDIDATES", "40"))
INSTANCES = int(os.environ.get("INSTANCES", "20000"))
PORT = 18193
HOST = "127.0.0.1"
V1, MANAGE, DELIVER = "/api/integration/rest/v1", "/api/management/v1", "/api/delivery/v1"
# The largest size a pattern may have, about; after every `a` it has to remember so many letters.
WORST = "a[ab]{1200}c"


def test(questions, key="t"):
    page = {"key": "p", "questions": questions}
    return {"assay": 1, "key": key, "title": key, "sections": [{"key": "s", "title": "S", "pages": [page]}]}


def patterns(count, pattern, length=20000):
    rules = [{"rule": "matches", "pattern": pattern(n), "percentage": 1} for n in range(count)]
    return {"kind": "input", "type": "area", "text": "Q", "maxLength": length, "rules": rules}


class Line:
    """A connection that is kept, and made again when it broke."""

    def __init__(self, secret=None, patience=60):
        self.secret, self.patience, self.connection = secret, patience, None

    def send(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(HOST, PORT, timeout=self.patience)
                self.connection.request(method, path, data, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.connection = None
                if attempt == 2:
                    return 0, b""

    def json(self, method, path, body=None):
        status, text = self.send(method, path, body)
        assert status == 200, (method, path, status, text[:300])
        return json.loads(text)


class Organization:
    def __init__(self, folder, name):
        self.where = [ASSAY, "--data-dir", folder]
        self.id = self.run("org", "create", name)
        secret = json.loads(self.run("key", "create", "--name", "bench", "--scope", "manage", "--json"))["secret"]
        self.line = Line(secret)

    def run(self, *arguments):
        organization = ["--org", self.id] if hasattr(self, "id") else []
        done = subprocess.run(self.where + organization + list(arguments), capture_output=True, text=True, check=True)
        return done.stdout.strip()


def seat(organization, task, step):
    """A candidate on the first page of a begun test."""
    candidate = {"kind": "temporary-candidate", "fullname": "Bench"}
    # A connection of its own: several threads seat candidates at once.
    code = Line(organization.line.secret).json("POST", f"{MANAGE}/tasks/{task}/candidates", candidate)["invitationCode"]
    line = Line()
    line.secret = line.json("POST", f"{DELIVER}/enter", {"invitationCode": code})["token"]
    instance = line.json("POST", f"{DELIVER}/steps/{step}/start", {"clientToken": "s"})["instanceId"]
    line.json("POST", f"{DELIVER}/instances/{instance}/page", {"page": 1})
    return line, instance


def task_of(organization, document):
    test_id = organization.line.json("POST", f"{MANAGE}/tests", document)["testId"]
    made = organization.line.json("POST", f"{MANAGE}/tasks", {"title": "Bench", "steps": [{"test": test_id}]})
    return made["taskId"], made["steps"][0]["id"], test_id


class Quiet:
    """Candidates who save, a program that reads, a supervisor that asks; and how long each waited."""

    def __init__(self, organization, seats, task):
        self.organization, self.seats, self.task = organization, seats, task
        self.seq = 0

    def measure(self, seconds):
        times = {"save": [], "read": [], "healthz": []}
        failed = {"save": 0, "read": 0, "healthz": 0}
        until = time.monotonic() + seconds
        self.seq += 1000

        def again(kind, pause, ask):
            while (begun := time.monotonic()) < until:
                status, _ = ask()
                times[kind].append(1000 * (time.monotonic() - begun))
                failed[kind] += status != 200
                time.sleep(max(0.0, pause * random.uniform(0.5, 1.5) - (time.monotonic() - begun)))

        def saver(line, instance, base):
            numbers = iter(range(base, base + 10**9))
            write = lambda: {"writes": [{"slot": 1, "seq": next(numbers), "response": "an answer " * 20}]}
            again("save", 0.5, lambda: line.send("POST", f"{DELIVER}/instances/{instance}/answers", write()))

        reader, supervisor = Line(self.organization.line.secret), Line()
        threads = [threading.Thread(target=saver, args=(line, it, self.seq)) for line, it in self.seats]
        list_path = f"{V1}/tasks/{self.task}/test-instances?limit=10&mode=detailed"
        threads.append(threading.Thread(target=again, args=("read", 0.1, lambda: reader.send("GET", list_path))))
        threads.append(threading.Thread(target=again, args=("healthz", 0.2, lambda: supervisor.send("GET", "/healthz"))))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return times, failed


class Loud:
    """What another organization does all the time while this is open."""

    def __init__(self, *works):
        self.stop, self.done = threading.Event(), 0
        self.threads = [threading.Thread(target=self.repeat, args=(work,), daemon=True) for work in works]

    def repeat(self, work):
        while not self.stop.is_set():
            try:
                work(self.stop)
                self.done += 1
            except AssertionError:
                # Refused, as by a full queue: what the loud one gets is its own affair.
                time.sleep(0.1)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(part * len(values)))] if values else float("nan")


def slow_export(key, path):
    def work(stop):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        plain.settimeout(30)
        try:
            plain.connect((HOST, PORT))
            plain.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
            while not stop.is_set() and plain.recv(6000):
                time.sleep(0.1)
        except OSError:
            time.sleep(0.2)
        finally:
            plain.close()
    return work


def works(loud, folder):
    """The name of each part, and what is done in it."""
    random.seed(1)
    text = "".join(random.choices("ab", k=20000))
    post = lambda path, body: (lambda stop: Line(loud.line.secret).send("POST", path, body))
    many = [dict(patterns(100, lambda n, i=i: "\\w{%d}" % (20 + n + i), 1000), key=f"q{i}") for i in range(40)]
    small = [dict(patterns(100, lambda n, i=i: "[a-c]{200}%d" % (100 * i + n), 1000), key=f"q{i}") for i in range(40)]
    check = f"{MANAGE}/tests/check"

    task, step, _ = task_of(loud, test([dict(patterns(4, lambda n: WORST + str(n)), key="q")], "worst"))

    def hand_in(stop):
        line, instance = seat(loud, task, step)
        write = {"slot": 1, "seq": 1, "response": text}
        line.send("POST", f"{DELIVER}/instances/{instance}/answers", {"writes": [write]})
        line.send("POST", f"{DELIVER}/instances/{instance}/complete", {"clientToken": "c", "confirm": True})

    seeded = json.loads(loud.run("task", "list", "--json").splitlines()[0])["taskId"]
    export = f"{V1}/tasks/{seeded}/test-instances/export?mode=detailed"
    fast = lambda stop: Line(loud.line.secret).send("GET", export)

    def figures(stop):
        Line(loud.line.secret).send("GET", f"{MANAGE}/tasks/{seeded}/statistics")

    formula = "$" + "{" * 24 + "x" + "}" * 24 + "$ "
    markup = [{"key": "m", "kind": "input", "type": "rich", "text": (formula * 1200)[:60000], "evaluation": "manual"}]
    shown = loud.line.json("POST", f"{MANAGE}/tests", test(markup, "markup"))["testId"]
    user = json.loads(loud.run("user", "create", "bench", "--role", "MANAGER", "--json"))
    signed_in = sign_in(loud, user)
    preview = lambda stop: Line().send("GET", f"/staff/tests/{shown}/preview", headers=signed_in)

    def backup(stop):
        target = os.path.join(folder, f"backup-{time.monotonic_ns()}.sqlite")
        subprocess.run(loud.where + ["backup", target], capture_output=True, check=False)
        os.remove(target)

    return [
        ("hand-ins with the costliest patterns", [hand_in] * 4),
        ("checks of 4,000 patterns", [post(check, test(many)), post(check, test(small))] * 2),
        ("two exports at 60 KB/s", [slow_export(loud.line.secret, export)] * 2),
        ("exports as fast as they come", [fast] * 4),
        ("statistics", [figures] * 4),
        ("markup of 60 KB", [preview] * 4),
        ("backups beside an export at 60 KB/s", [backup, slow_export(loud.line.secret, export)]),
    ]


def sign_in(organization, user):
    connection = http.client.HTTPConnection(HOST, PORT, timeout=30)
    form = f"org={organization.id}&username={user['username']}&password={user['password']}&next="
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    connection.request("POST", "/staff/sign-in", form, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303, answer.status
    return {"Cookie": answer.getheader("Set-Cookie").split(";")[0], "Sec-Fetch-Site": "same-origin"}


def serve(folder):
    settings = os.path.join(folder, "bench.toml")
    with open(settings, "w") as file:
        file.write('[log]\nlevel = "error"\n[limits]\nrequests_per_minute = 0\n'
                   'requests_per_second_per_address = 0\nentries_per_minute_per_address = 0\n')
    command = [ASSAY, "--data-dir", folder, "--config", settings, "serve", "--listen", f"{HOST}:{PORT}"]
    server = subprocess.Popen(command, stderr=open(os.path.join(folder, "log"), "w"))
    for _ in range(600):
        if Line(patience=2).send("GET", "/healthz")[0] == 200:
            return server
        time.sleep(0.1)
    raise SystemExit("the server does not start")


def main():
    # An end from outside also ends the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as folder:
        quiet, loud = Organization(folder, "Quiet"), Organization(folder, "Loud")
        loud.run("seed", "--instances", str(INSTANCES))
        server = serve(folder)
        try:
            compare(quiet, loud, folder)
        finally:
            server.kill()
            server.wait(30)


def compare(quiet, loud, folder):
    question = {"key": "q", "kind": "input", "type": "area", "text": "Q", "evaluation": "manual"}
    task, step, _ = task_of(quiet, test([question]))
    seats = [seat(quiet, task, step) for _ in range(CANDIDATES)]
    bystander = Quiet(quiet, seats, task)
    bystander.measure(3)
    alone, failed = bystander.measure(LENGTH)
    show("alone", alone, failed, alone, 0)
    log = 0
    for name, loud_works in works(loud, folder):
        with Loud(*loud_works) as neighbour:
            time.sleep(1)
            times, failed = bystander.measure(LENGTH)
        log = max(log, os.path.getsize(os.path.join(folder, "assay.sqlite-wal")))
        show(name, times, failed, alone, neighbour.done)
    print(f"\nThe database's log was {log / 2**20:.0f} MiB at most after a part.")


def show(name, times, failed, alone, done):
    if not done and name == "alone":
        print("| beside | save p50, p99 ms | ratio p99 | read p50, p99 ms | ratio p99 | healthz p99 ms | not 200 | done |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    p = {kind: (percentile(v, 0.5), percentile(v, 0.99)) for kind, v in times.items()}
    ratio = {kind: p[kind][1] / percentile(alone[kind], 0.99) for kind in times}
    print(
        f"| {name} | {p['save'][0]:.1f}, {p['save'][1]:.1f} | {ratio['save']:.1f} "
        f"| {p['read'][0]:.1f}, {p['read'][1]:.1f} | {ratio['read']:.1f} | {p['healthz'][1]:.1f} "
        f"| {sum(failed.values())} | {done} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
