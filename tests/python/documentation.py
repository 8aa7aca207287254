"""Runs what docs/integration.md and examples/ show, against a server with results in it.

A block of shell is run in the same shell as those before it; a block of json or text behind it is what it must print,
where … stands for anything.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

import clients
import server

END = "-- end of a block --"


def blocks(text):
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def check_guide(app, folder):
    found = blocks((server.ROOT / "docs" / "integration.md").read_text())
    script = "".join(f"{text}\necho '{END}'\n" for kind, text in found if kind == "sh")
    variables = {**app.environment, "ASSAY_URL": app.url, "ASSAY_KEY": app.key}
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=variables, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout.split(END + "\n")
    number = -1
    for kind, text in found:
        if kind == "sh":
            number += 1
        else:
            pattern = ".*?".join(map(re.escape, text.split("…")))
            assert re.fullmatch(pattern, printed[number]), f"expected\n{text}\nbut the example printed\n{printed[number]}"
    print(f"docs/integration.md: {number + 1} examples ran and printed what they show.")


def copiers(folder):
    """The example in every language, as commands."""
    examples = server.ROOT / "examples"
    shutil.copy(examples / "copy_results.ts", folder / "copy_results.ts")
    (folder / "package.json").write_text('{"type":"module"}')
    installed = clients.installed_typescript()
    (folder / "node_modules").symlink_to(installed / "node_modules")
    options = ["--strict", "--target", "ES2022", "--module", "NodeNext", "--moduleResolution", "NodeNext", "--types", "node"]
    clients.run(installed / "node_modules" / ".bin" / "tsc", *options, "copy_results.ts", cwd=folder)
    return {
        "sh": ["bash", examples / "copy_results.sh"],
        "py": [sys.executable, examples / "copy_results.py"],
        "ts": ["node", folder / "copy_results.js"],
    }


def rows(file):
    return {row["testInstanceId"]: row for row in map(json.loads, file.read_text().splitlines())}


def check_copies(app, ids, folder):
    """Followed copies become what full ones are, whatever happened between."""
    commands = copiers(folder)

    def copy(name, *flags):
        file = folder / f"{name}{''.join(flags)}.ndjson"
        clients.run(*commands[name], *flags, app.url, app.key, ids["taskId"], file, timeout=60)
        return rows(file)

    def check(count):
        copies = [copy(name, *flags) for name in commands for flags in ([], ["--full"])]
        assert all(len(one) == count and one == copies[0] for one in copies), copies

    check(1)
    instance = f"/api/management/v1/tasks/{ids['taskId']}/instances/{ids['instanceId']}"
    app.ask("POST", instance + "/ignore", {})
    check(1)
    server.seat(app, ids)
    app.ask("POST", instance + "/reacknowledge", {})
    check(2)
    check(2)
    print("examples: copies in Python, TypeScript and shell, whole and followed, are the same.")


def check_collection(app, ids):
    """Every request of the collection reaches its endpoint."""
    collection = json.loads((server.ROOT / "docs" / "assay.postman_collection.json").read_text())
    ids = {"taskId": ids["taskId"], "stepId": ids["stepId"], "slot": "1"}
    count = 0
    for api in collection["item"]:
        for request in (one["request"] for tag in api["item"] for one in tag["item"]):
            path = "/".join(ids.get(part[1:], "x") if part.startswith(":") else part for part in request["url"]["path"])
            command = ["curl", "--silent", "--request", request["method"], "--header", f"Authorization: Bearer {app.key}"]
            for header in (one for one in request["header"] if not one.get("disabled")):
                command += ["--header", f"{header['key']}: {header['value']}"]
            if "body" in request:
                command += ["--data", request["body"].get("raw", "a file")]
            query = urllib.parse.urlencode({one["key"]: "1" for one in request["url"]["query"] if not one.get("disabled")})
            answer = clients.run(*command, "--write-out", "\n%{http_code}", f"{app.url}/{path}?{query}", timeout=30)
            body, status = answer.rsplit("\n", 1)
            assert int(status) < 500 and status not in ("405", "415"), (path, answer)
            assert '"unknown_route"' not in body and '"malformed_json"' not in body, (path, answer)
            count += 1
    print(f"docs/assay.postman_collection.json: {count} requests reached their endpoints.")


def main():
    quota = {"ASSAY_LIMITS_REQUESTS_PER_MINUTE": 6000}
    with server.Server(ASSAY_LOG_LEVEL="warn,assay=info", **quota) as app:
        ids = server.sample(app)
        folder = pathlib.Path(app.folder)
        for name in ["guide", "copies"]:
            (folder / name).mkdir()
        check_copies(app, ids, folder / "copies")
        check_collection(app, ids)
    with server.Server(ASSAY_LOG_LEVEL="warn,assay=info", **quota) as app:
        server.sample(app)
        check_guide(app, app.folder)


if __name__ == "__main__":
    main()
