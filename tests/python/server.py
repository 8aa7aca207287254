"""A running assay of its own for a test that drives it from outside: data directory, keys, start, kill, restart.

Must never touch a server it did not start.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("ASSAY_BINARIES", ROOT / "target" / "debug"))


class Server:
    """`with Server() as server:` serves an empty organization; the data goes when the block ends."""

    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-test."))
        self.process = None
        self.url = None
        # What the machine has set for a server of its own does not count here.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
        self.environment |= {"ASSAY_DATA_DIR": str(self.folder / "data"), "ASSAY_LIMITS_REQUESTS_PER_MINUTE": "0"}
        # Tests come from one address and are in more of a hurry than candidates.
        for limit in ("REQUESTS_PER_SECOND_PER_SESSION", "REQUESTS_PER_SECOND_PER_ADDRESS", "ENTRIES_PER_MINUTE_PER_ADDRESS"):
            self.environment[f"ASSAY_LIMITS_{limit}"] = "0"
        self.environment |= {name: str(value) for name, value in settings.items()}

    def __enter__(self):
        self.organization = self.run("org", "create", "Example")
        self.key = self.new_key("test", "manage")
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments):
        """What a command prints."""
        command = [BINARIES / "assay", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, cwd=self.folder)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout.strip()

    def new_key(self, name, *scopes):
        chosen = [word for scope in scopes for word in ("--scope", scope)]
        return json.loads(self.run("key", "create", "--name", name, "--json", *chosen))["secret"]

    def start(self, listen="127.0.0.1:0"):
        """Serves, at the address it had before if it had one."""
        if self.url is not None:
            listen = self.url.removeprefix("http://")
        log = self.folder / "log"
        with log.open("w") as out:
            command = [BINARIES / "assay", "serve", "--listen", listen, "--log-format", "json"]
            self.process = subprocess.Popen(command, env=self.environment, stderr=out, stdout=out, cwd=self.folder)
        until = time.monotonic() + 60
        while self.url is None:
            assert self.process.poll() is None and time.monotonic() < until, log.read_text()
            lines = [json.loads(line) for line in log.read_text().splitlines() if '"url"' in line and line.endswith("}")]
            self.url = next((line["url"] for line in lines if line.get("url")), None)
            time.sleep(0.02)
        while not self.is_well():
            assert self.process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.02)

    def is_well(self):
        try:
            return urllib.request.urlopen(f"{self.url}/healthz", timeout=5).status == 200
        except OSError:
            return False

    def kill(self):
        """As a power cut would: without a word."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def ask(self, method, path, body=None, key=None, headers=()):
        """The JSON a request that succeeds is answered with."""
        sent = {"Authorization": f"Bearer {key or self.key}", **dict(headers)}
        payload = None
        if body is not None:
            payload = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, payload, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.loads(reply.read())
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None


def sample(server):
    """An organization with something of every kind in it: the examples' walk sat twice, and a user. Gives ids."""
    key = server.key
    walk = subprocess.run(
        ["bash", ROOT / "examples" / "walk.sh", server.url, key], capture_output=True, text=True, timeout=60
    )
    assert walk.returncode == 0, walk.stderr
    row = json.loads(walk.stdout)["testInstances"][0]
    user = server.ask("POST", "/api/management/v1/users", {"username": "ada.l", "fullname": "Ada Example"})
    return {
        "taskId": row["taskId"],
        "stepId": row["stepId"],
        "instanceId": row["testInstanceId"],
        "candidateId": row["ticketId"],
        "userId": user["userId"],
    }


def seat(server, ids):
    """Another candidate at the first page of an instance. Gives the session's token and the instance's id."""
    path = f"/api/integration/rest/v1/tasks/{ids['taskId']}/candidates"
    code = server.ask("POST", path, {"kind": "temporary-candidate"})["invitationCode"]
    token = server.ask("POST", "/api/delivery/v1/enter", {"invitationCode": code})["token"]
    step = f"/api/delivery/v1/steps/{ids['stepId']}/start"
    instance = server.ask("POST", step, {"clientToken": "start"}, key=token)["instanceId"]
    server.ask("POST", f"/api/delivery/v1/instances/{instance}/page", {"page": 1}, key=token)
    return token, instance
