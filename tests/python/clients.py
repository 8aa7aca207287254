"""Makes a client from the document, checks its types, and sees that it walks every endpoint.

A walk prints `METHOD PATH STATUS` for each answer; this program knows the document and says what was left out.
"""

import json
import os
import shutil
import subprocess
import sys

import server

PREFIX = "/api/integration/rest/v1"
MADE = server.ROOT / "target" / "clients"
DOCUMENT = server.ROOT / "docs" / "openapi.json"


def run(*command, **options):
    done = subprocess.run(command, text=True, capture_output=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def make_python():
    """The walk's command."""
    folder = MADE / "python"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    said = run(sys.executable, "-m", "openapi_python_client", "generate", "--path", DOCUMENT, "--output-path", folder / "made")
    assert "Endpoint will not be generated" not in said, said
    (folder / "made" / "assay_client").rename(folder / "assay_client")
    walk = server.ROOT / "tests" / "python" / "walk.py"
    cache = MADE / "mypy"
    run(sys.executable, "-m", "mypy", "--strict", "--cache-dir", cache, "assay_client", walk, cwd=folder)
    return [sys.executable, walk], folder


def make_openapi_generator():
    """The walk's command. The generator is a program for Java, which comes with its package."""
    folder = MADE / "openapi-generator"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    generator = ["openapi-generator-cli", "generate", "--generator-name", "python", "--package-name", "assay_generated"]
    run(*generator, "--input-spec", DOCUMENT, "--output", folder)
    return [sys.executable, server.ROOT / "tests" / "python" / "walk_openapi_generator.py"], folder


def installed_typescript():
    """A folder with the packages of tests/typescript, installed again only when their list changed."""
    folder = MADE / "typescript"
    source = server.ROOT / "tests" / "typescript"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (source / "package-lock.json").read_text()
    stamp = folder / "installed"
    for name in ["package.json", "package-lock.json", "tsconfig.json", "walk.ts"]:
        shutil.copy(source / name, folder / name)
    if not stamp.exists() or stamp.read_text() != wanted:
        run("npm", "ci", "--no-audit", "--no-fund", "--silent", cwd=folder)
        stamp.write_text(wanted)
    return folder


def make_typescript():
    folder = installed_typescript()
    bin = folder / "node_modules" / ".bin"
    run(bin / "openapi-typescript", DOCUMENT, "--output", folder / "assay.ts", cwd=folder)
    run(bin / "tsc", "--project", folder, cwd=folder)
    return ["node", folder / "walk.js"], folder


def operations():
    """Method and template of everything the integration API has."""
    paths = json.loads(DOCUMENT.read_text())["paths"]
    return {(method.upper(), path) for path, item in paths.items() if path.startswith(PREFIX) for method in item}


def matches(template, path):
    """Literal segments win over parameters, as in the server."""
    pieces, parts = template.split("/"), path.split("/")
    return len(pieces) == len(parts) and all(a == b or a.startswith("{") for a, b in zip(pieces, parts))


def template_of(method, path, documented):
    fitting = [template for one, template in documented if one == method and matches(template, path)]
    return min(fitting, key=lambda template: template.count("{"), default=None)


def main(which):
    command, folder = {"python": make_python, "openapi-generator": make_openapi_generator, "typescript": make_typescript}[which]()
    with server.Server(ASSAY_LOG_LEVEL="warn,assay=info") as app:
        inputs = {"url": app.url, "key": app.key, **server.sample(app)}
        said = run(*command, cwd=folder, input=json.dumps(inputs), timeout=60, env=os.environ | {"PYTHONPATH": str(folder)})
    documented = operations()
    met = set()
    for line in said.splitlines():
        method, path, status = line.split(" ")
        if status == "200":
            met.add((method, template_of(method, path, documented)))
    left = documented - met
    assert not left, f"the {which} client did not walk {sorted(left)}"
    print(f"The {which} client made from the document walked all {len(documented)} operations of the integration API.")


if __name__ == "__main__":
    main(sys.argv[1])
