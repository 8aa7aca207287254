"""Drives schemathesis over the whole document against a server with something of every kind in it."""

import json
import os
import pathlib
import subprocess
import sys

import server

# What needs a resource to be gone or another's is in the tests of crates/api.
UNASKED = [
    "missing_required_header",
    "use_after_free",
    "ensure_resource_availability",
    "object_level_authorization",
]


def main():
    examples = sys.argv[1] if len(sys.argv) > 1 else "15"
    with server.Server(ASSAY_LOG_LEVEL="warn,assay=info", ASSAY_LIMITS_ENTRY_FAILURES_PER_ADDRESS=100000) as app:
        ids = server.sample(app)
        ids["token"], ids["openId"] = server.seat(app, ids)
        ids["key"] = app.key
        config = app.folder / "schemathesis.toml"
        config.write_text(configuration(ids))
        command = [
            "schemathesis", "--config-file", config, "run", f"{app.url}/openapi.json",
            "--max-examples", examples, "--seed", os.environ.get("SEED", "1"),
            "--phases", "coverage,fuzzing", "--no-shrink", "--generation-database", "none",
            "--request-timeout", "20", "--suppress-health-check", "all", "--no-color", "--warnings", "off",
            "--output-truncate", "true", "--continue-on-failure",
            *sys.argv[2:],
        ]
        hooks = {"SCHEMATHESIS_HOOKS": "fuzz_hooks"}
        done = subprocess.run(command, cwd=app.folder, env=os.environ | hooks)
        assert app.process.poll() is None, "the server ended"
        return done.returncode


def configuration(ids):
    """Ids that exist, so that requests get past the 404."""
    task, instance, candidate = ids["taskId"], ids["instanceId"], ids["candidateId"]
    lines = [f'headers = {{ Authorization = "Bearer {ids["key"]}" }}']
    lines += [f"[checks.{name}]\nenabled = false" for name in UNASKED]
    # A sound request may meet what is not there, not open or not the caller's; 400 is judged by fuzz_hooks.py.
    statuses = ["2xx", "304", "401", "403", "404", "409", "413", "429", "503"]
    lines += ["[checks.positive_data_acceptance]", f"expected-statuses = {json.dumps(statuses)}"]
    # Texts with U+0000 are refused everywhere, and no pattern says so.
    lines += ["[generation]", "allow-x00 = false"]
    lines += ["[parameters]", f'taskId = "{task}"', f'stepId = "{ids["stepId"]}"']
    places = [
        ("^(fetchTask|changeTask|getManagedTask|updateTask|getTaskRetention|setTaskRetention)$", task),
        ("^(fetchTestInstance|listTestInstanceAnswers|expandTestInstance|listProctoringEvidences|getInstance)$", instance),
        ("^((ignore|reacknowledge|reinstate|rescore|forceClose|extend|correct)Instance|evaluate|withdrawEvaluation)$", instance),
        ("^(showProctoring|setProctoring|setEvidenceFlag|addDetection)$", instance),
        ("^(fetchCandidate|changeCandidate|getManagedCandidate|updateCandidate|showCandidateIdentity)$", candidate),
        ("^(fetchUser|updateUser)$", ids["userId"]),
    ]
    for pattern, value in places:
        lines += ["[[operations]]", f'include-operation-id-regex = "{pattern}"', f'parameters = {{ "path.id" = "{value}" }}']
    # Candidates come with tokens of their own, at an instance that is open; leaving would end the session.
    delivery = f'headers = {{ Authorization = "Bearer {ids["token"]}" }}'
    lines += ["[[operations]]", 'include-path-regex = "^/api/delivery/v1/(?!leave)"', delivery]
    lines += [f'parameters = {{ "path.id" = "{ids["openId"]}" }}']
    # Leaving with a token that is no good is answered as leaving: the caller is out.
    lines += ["[[operations]]", 'include-operation-id = "leave"', "checks.ignored_auth.enabled = false"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
