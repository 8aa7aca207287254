// Keeps a copy of a task's results in a file of one instance a line.
//
//   usage: node copy_results.ts [--full] BASE_URL API_KEY TASK_ID FILE
//
// --full fetches everything by an export and checks number and digest. Without it only what changed since the last time
// is fetched by the change feed, everything at the first time; the place is kept in FILE.cursor. The key needs the scope
// results:read. Node 22.18 runs this file as it is; older ones want it compiled by tsc. Needs no packages.
import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

type Instance = { testInstanceId: string } & Record<string, unknown>;
type Change = { testInstanceId: string; testInstance: Instance | null };
type Run = { changes: Change[]; cursor: string; hasMore: boolean };

const TRIES = 5;
const given = process.argv.slice(2);
const full = given[0] === "--full";
const [base, key, task, file] = given.slice(full ? 1 : 0);
if (!base || !key || !task || !file) throw new Error("usage: copy_results.ts [--full] BASE_URL API_KEY TASK_ID FILE");
const root = `${base}/api/integration/rest/v1/tasks/${encodeURIComponent(task)}/test-instances`;

/** The body of an answer; waits and tries again when the server is away or asks to wait. */
async function get(path: string, query: Record<string, string>): Promise<string> {
  for (let tried = 1; ; tried += 1) {
    let pause = 2 ** (tried - 1);
    try {
      const reply = await fetch(`${root}${path}?${new URLSearchParams(query)}`, {
        headers: { Authorization: `Bearer ${key}` },
      });
      const body = await reply.text();
      if (reply.ok) return body;
      // A problem (RFC 9457): `code` is stable, `errors` names every fault.
      if (![429, 500, 503].includes(reply.status)) throw new Error(`${reply.status}: ${body}`);
      if (tried === TRIES) throw new Error(body);
      pause = Number(reply.headers.get("Retry-After") ?? pause);
    } catch (fault) {
      // fetch reports a server that is away as a TypeError.
      if (!(fault instanceof TypeError) || tried === TRIES) throw fault;
    }
    await sleep(pause * 1000);
  }
}

async function read(name: string): Promise<string> {
  return readFile(name, "utf8").catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === "ENOENT") return "";
    throw fault;
  });
}

async function replace(name: string, text: string): Promise<void> {
  await writeFile(`${name}.new`, text);
  await rename(`${name}.new`, name);
}

async function pull(name: string): Promise<void> {
  const lines = (await get("/export", { mode: "detailed" })).trimEnd().split("\n");
  const trailer = JSON.parse(lines.pop() ?? "") as { count: number; sha256: string };
  const rows = lines.map((line) => `${line}\n`).join("");
  const digest = createHash("sha256").update(rows).digest("hex");
  if (trailer.count !== lines.length || trailer.sha256 !== digest) throw new Error("the export is not whole");
  await replace(name, rows);
}

async function follow(name: string): Promise<void> {
  const lines = (await read(name)).split("\n").filter((line) => line !== "");
  const kept = lines.map((line) => JSON.parse(line) as Instance);
  const rows = new Map<string, Instance | null>(kept.map((row) => [row.testInstanceId, row]));
  let cursor = (await read(`${name}.cursor`)).trim();
  for (let more = true; more;) {
    const since: Record<string, string> = cursor === "" ? {} : { since: cursor };
    const run = JSON.parse(await get("/changes", { mode: "detailed", limit: "1000", ...since })) as Run;
    // Null is reserved: an instance that is gone.
    for (const change of run.changes) rows.set(change.testInstanceId, change.testInstance);
    cursor = run.cursor;
    more = run.hasMore;
  }
  const there = [...rows.values()].filter((row) => row !== null);
  // First the rows, then the place: what is broken off between the two is merely fetched once more.
  await replace(name, there.map((row) => `${JSON.stringify(row)}\n`).join(""));
  await replace(`${name}.cursor`, `${cursor}\n`);
}

await (full ? pull(file) : follow(file));
