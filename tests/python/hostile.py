"""Throws at a running server what a stranger might write to stop it: spreadsheets, documents, formulas, Markdown, rich
answers, patterns. After each of them the server must answer others, and its memory must never have passed 512 MiB.

    usage: scripts/python tests/python/hostile.py [MUTATIONS]     mutated inputs of each kind (default: 40); SEED=n

What is asked of an answer is only that it is one: a refusal is as good as a page. A 5xx other than 503 is a fault.
"""

import io
import json
import os
import random
import struct
import sys
import zipfile
import zlib

import requests
import server

MANAGEMENT = "/api/management/v1"
DELIVERY = "/api/delivery/v1"
RESULTS = "/api/integration/rest/v1"
MEMORY = 512
# A bound for a machine that is busy with other things, not a figure: what hangs, hangs for minutes.
PATIENCE = 120
SHEET = "xl/worksheets/sheet1.xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class Stranger:
    """One server, and everything that can be sent to it by an author, a candidate and an importer."""

    def __init__(self, app):
        self.app = app
        self.sent = 0
        self.number = 0
        self.api = requests.Session()
        self.api.headers["Authorization"] = f"Bearer {app.new_key('author', 'manage')}"
        user = json.loads(app.run("user", "create", "manager", "--role", "MANAGER", "--json"))
        self.staff = requests.Session()
        # What a browser sends with a form of the server's own pages.
        self.staff.headers["Sec-Fetch-Site"] = "same-origin"
        form = {"username": user["username"], "password": user["password"]}
        signed_in = self.staff.post(f"{app.url}/staff/sign-in", data=form, allow_redirects=False, timeout=PATIENCE)
        assert signed_in.status_code == 303, signed_in.text
        self.task = self.new_task([{"key": "q", "kind": "input", "type": "field", "text": "?"}])[0]

    def ask(self, session, method, path, **arguments):
        self.sent += 1
        reply = session.request(method, self.app.url + path, timeout=PATIENCE, allow_redirects=False, **arguments)
        assert reply.status_code < 500 or reply.status_code == 503, f"{method} {path}: {reply.status_code} {reply.text[:300]}"
        return reply

    def check(self, name):
        """Others are served, and memory is bounded."""
        assert self.app.process.poll() is None, f"{name} ended the server"
        assert requests.get(f"{self.app.url}/healthz", timeout=PATIENCE).status_code == 200, name
        self.ask(self.api, "GET", f"{RESULTS}/tasks")
        assert self.peak() < MEMORY, f"after {name} the server had taken {self.peak()} MiB"

    def peak(self):
        with open(f"/proc/{self.app.process.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1024

    def new_test(self, questions, **fields):
        self.number += 1
        page = {"key": "p", "questions": questions}
        document = {"assay": 1, "key": f"t{self.number}", "title": "T", **fields}
        document["sections"] = [{"key": "s", "title": "S", "pages": [page]}]
        return self.ask(self.api, "POST", f"{MANAGEMENT}/tests", json=document)

    def new_task(self, questions):
        made = self.new_test(questions).json()
        body = {"title": "Task", "steps": [{"test": made["testId"], "attemptLimit": -1}]}
        task = self.ask(self.api, "POST", f"{MANAGEMENT}/tasks", json=body).json()
        return task["taskId"], task["steps"][0]["id"]

    def workbook(self, content):
        files = {"file": ("people.xlsx", content, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")}
        self.ask(self.staff, "POST", f"/staff/tasks/{self.task}/candidates/import", files=files)

    def text(self, text):
        """An authored text where staff and candidates see it."""
        question = {"key": "q", "kind": "input", "type": "area", "text": text, "hint": text[:60000]}
        made = self.new_test([question], instructions=text)
        if made.status_code == 200:
            self.ask(self.staff, "GET", f"/staff/tests/{made.json()['testId']}/preview")

    def seat(self, task, step):
        path = f"{MANAGEMENT}/tasks/{task}/candidates"
        person = self.ask(self.api, "POST", path, json={"kind": "temporary-candidate", "fullname": "Ada"}).json()
        entered = self.app.ask("POST", f"{DELIVERY}/enter", {"invitationCode": person["invitationCode"]})
        candidate = requests.Session()
        candidate.headers["Authorization"] = f"Bearer {entered['token']}"
        started = self.ask(candidate, "POST", f"{DELIVERY}/steps/{step}/start", json={"clientToken": "s"}).json()
        instance = started["instanceId"]
        self.ask(candidate, "POST", f"{DELIVERY}/instances/{instance}/page", json={"page": 1})
        return candidate, instance

    def answer(self, task, step, response):
        """A candidate's answer, handed in and read by integrators and staff."""
        candidate, instance = self.seat(task, step)
        writes = {"writes": [{"slot": 1, "seq": 1, "response": response}]}
        self.ask(candidate, "POST", f"{DELIVERY}/instances/{instance}/answers", json=writes)
        body = {"clientToken": "c", "confirm": True}
        self.ask(candidate, "POST", f"{DELIVERY}/instances/{instance}/complete", json=body)
        self.ask(self.api, "GET", f"{RESULTS}/tasks/{task}/test-instances/{instance}/answers")
        self.ask(self.staff, "GET", f"/staff/tasks/{task}/results/{instance}")


def parts(sheet):
    types = f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
    link = '<Relationships xmlns="{}/relationships"><Relationship Id="rId1" Type="{}/{}" Target="{}"/></Relationships>'
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
    return {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": link.format(PACKAGE, OFFICE, "officeDocument", "xl/workbook.xml").encode(),
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": link.format(PACKAGE, OFFICE, "worksheet", "worksheets/sheet1.xml").encode(),
        SHEET: sheet,
    }


def packed(sheet):
    """A workbook with one sheet."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts(sheet).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def sheet(inside):
    return f'<worksheet xmlns="{MAIN}"><sheetData>{inside}</sheetData></worksheet>'.encode()


def cells(*places):
    row = '<row r="{}"><c r="{}" t="inlineStr"><is><t>Name</t></is></c></row>'
    return sheet("".join(row.format("".join(filter(str.isdigit, place)), place) for place in places))


def bomb(mebibytes, claimed):
    """A workbook whose sheet unpacks to so much, whatever its directory claims."""
    head, tail = sheet("@").split(b"@")
    head += b'<row r="1"><c r="A1" t="inlineStr"><is><t>'
    tail = b"</t></is></c></row>" + tail
    pieces = [head, *[b"A" * 2**20] * mebibytes, tail]
    entries = {name: [content] for name, content in parts(b"").items()} | {SHEET: pieces}
    body, directory = io.BytesIO(), b""
    for name, pieces in entries.items():
        shrink, content, checksum, size = zlib.compressobj(9, zlib.DEFLATED, -15), b"", 0, 0
        for piece in pieces:
            content += shrink.compress(piece)
            checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        content += shrink.flush()
        size_in_header = claimed if name == SHEET else size
        common = (20, 0, 8, 0, 0, checksum, len(content), size_in_header, len(name), 0)
        place = body.tell()
        body.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, *common) + name.encode() + content)
        directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, *common, 0, 0, 0, 0, place) + name.encode()
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(directory), body.tell(), 0)
    return body.getvalue() + directory + end


def workbooks():
    yield "a first and a last cell", packed(cells("A1", "XFD1048576"))
    yield "a cell far down", packed(cells("A1", "Z2000000"))
    yield "a cell beyond all sheets", packed(cells("A1", "ZZZZZZ4294967295"))
    yield "a sheet larger than claimed", bomb(300, 1000)
    yield "a sheet as large as claimed", bomb(300, 300 * 2**20)
    yield "an archive that claims all", bomb(1, 0xFFFFFFFF)
    yield "a dimension of everything", packed(cells("A1").replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'))
    yield "a string that is not there", packed(sheet('<row r="1"><c r="A1" t="s"><v>4294967295</v></c></row>'))
    yield "deep elements", packed(sheet("<row>" * 200_000))
    yield "entities", packed(b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1000 + b'"><!ENTITY d "' + b"&b;" * 1000 + b'">]>' + cells("A1").replace(b"Name", b"&d;" * 1000))
    yield "a million cells in a row", packed(sheet('<row r="1">' + "<c><v>1</v></c>" * 1_000_000 + "</row>"))
    yield "no archive", b"PK\x03\x04" + bytes(1000)
    yield "a comma for each byte", b"," * 4_000_000
    yield "one endless quotation", b'"' + b"a" * 4_000_000


def texts(size=60_000):
    def fill(piece):
        return piece * (size // len(piece))

    def nested(opening, closing, inside="x"):
        count = (size - len(inside)) // (len(opening) + len(closing))
        return f"${opening * count}{inside}{closing * count}$"

    for piece in ["[", "![", "[a](", "**a ", "*a_", "> ", "- ", "`a``b", "<a ", "<!--", "$x$ ", "$$a", "&amp;", "http://a.", '[a](b "', "a**bc* ", "|a", "\\("]:
        yield f"many {piece}", fill(piece)
    pairs = [("{", "}"), ("\\frac{", "}{1}"), ("\\sqrt{", "}"), ("x^{", "}"), ("\\left(", "\\right)"), ("\\text{", "}")]
    pairs += [("\\overline{", "}"), ("\\begin{matrix}", "\\end{matrix}"), ("\\begin{cases}", "\\end{cases}"), ("\\operatorname{", "}")]
    for opening, closing in pairs:
        yield f"deep {opening}", nested(opening, closing)
    for piece in ["\\sqrt", "\\overline", "x^", "'", "\\frac", "\\left", "{"]:
        yield f"endless {piece}", f"${fill(piece)} x$"
    yield "a wide table", "|a" * 5000 + "\n" + "|-" * 5000 + "\n" + "|b" * 5000
    yield "a deep list", "\n".join(" " * (2 * level) + "- a" for level in range(240))
    yield "deep quotations", "\n".join(">" * level + " a" for level in range(340))
    yield "references", "\n".join(f"[{number}]: x" for number in range(4000)) + "[1][1]" * 2000
    yield "an element in a formula", "$\\operatorname{<script/src=/x></script>}$ $\\text{<iframe srcdoc=x>}$"


def rich_texts():
    for piece in ["<b>", "<ul><li>", "<a>", "<p><b>", "<table>", "<div>", "<blockquote>", "<math><mi>", "<svg><desc>", "<template>", "<select><option>"]:
        yield f"rich {piece}", piece * (100_000 // len(piece))


def pattern_documents():
    def question(name, patterns, length=20_000):
        rules = [{"rule": "matches", "pattern": pattern, "percentage": 1} for pattern in patterns]
        return {"key": name, "kind": "input", "type": "area", "text": "x", "maxLength": length, "rules": rules}

    yield "many short patterns", [question(f"q{q}", [f"\\w{{{20 + p}}}" for p in range(100)]) for q in range(40)]
    yield "a costly pattern", [question("q", [f"a[ab]{{2000}}c|zq{p}" for p in range(10)])]
    yield "a pattern over a long text", [question("q", ["a[ab]{60}c"], 1_000_000)]
    yield "counted repetitions", [question("q", ["((((a{10}){10}){10}){10}){10}", "(?i)\\p{L}{1000}"])]
    # The costliest kind that the limit on a pattern's size lets through.
    yield "many allowed patterns", [question("q", [f"a[ab]{{60}}c|z{p}" for p in range(100)])]


def mutated(source, chance):
    content = bytearray(source)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content))
        kind = chance.randrange(4)
        if kind == 0:
            content[at] = chance.randrange(256)
        elif kind == 1:
            del content[at : at + chance.randint(1, 20)]
        elif kind == 2:
            content[at:at] = content[chance.randrange(len(content)) :][: chance.randint(1, 60)]
        else:
            content[at : at + 4] = struct.pack("<I", chance.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF]))
        content = content or bytearray(b"x")
    return bytes(content)


def mutations(stranger, count, chance):
    """Every kind of input, altered at random places."""
    books = [packed(cells("A1", "B2", "C3")), (server.ROOT / "examples" / "desk-screening.json").read_bytes()]
    formulas = [text.encode() for _, text in texts(400)] + [b"Solve $x^2 = \\frac{1}{4}$ | **a** <b>c</b>"]
    for number in range(count):
        stranger.workbook(mutated(books[0], chance))
        document = mutated(books[1], chance)
        headers = {"Content-Type": "application/json"}
        stranger.ask(stranger.api, "POST", f"{MANAGEMENT}/tests/check", data=document, headers=headers)
        stranger.text(mutated(chance.choice(formulas), chance).decode(errors="replace").replace("\0", ""))
        if number % 50 == 49:
            stranger.check(f"mutation {number + 1}")
    stranger.check("the mutations")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    print(f"hostile: {count} mutations of each kind, SEED={seed}")
    with server.Server() as app:
        stranger = Stranger(app)
        for name, content in workbooks():
            stranger.workbook(content)
            stranger.check(name)
        for name, text in texts():
            stranger.text(text)
            stranger.check(name)
        rich = stranger.new_task([{"key": "r", "kind": "input", "type": "rich", "text": "r", "maxLength": 1_000_000}])
        for name, text in rich_texts():
            stranger.answer(*rich, text)
            stranger.check(name)
        for name, questions in pattern_documents():
            made = stranger.new_test(questions)
            if made.status_code == 200:
                body = {"title": "Patterns", "steps": [{"test": made.json()["testId"]}]}
                task = stranger.ask(stranger.api, "POST", f"{MANAGEMENT}/tasks", json=body).json()
                stranger.answer(task["taskId"], task["steps"][0]["id"], "ab" * 10_000)
            stranger.check(name)
        mutations(stranger, count, random.Random(seed))
        print(f"hostile: {stranger.sent} requests, the server lives, at most {stranger.peak()} MiB of memory.")


if __name__ == "__main__":
    main()
