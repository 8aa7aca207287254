// Walks every endpoint of the integration API with the types that openapi-typescript made from the document.
// Reads where the server is from standard input and prints `METHOD PATH STATUS` for each answer.
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./assay.js";

type Given = { url: string; key: string; taskId: string; userId: string; instanceId: string };
type Instance = components["schemas"]["TestInstance"];
type Detailed = components["schemas"]["DetailedTestInstance"];

const given = JSON.parse(await text(process.stdin)) as Given;
const tell: Middleware = {
  onResponse({ request, response }) {
    console.log(request.method, new URL(request.url).pathname, response.status);
  },
};
const client = createClient<paths>({ baseUrl: given.url, headers: { Authorization: `Bearer ${given.key}` } });
client.use(tell);

function good<T>({ data, error }: { data?: T; error?: unknown }): T {
  assert.ok(data !== undefined, JSON.stringify(error));
  return data;
}
const isDetailed = (instance: Instance): instance is Detailed => "organizationId" in instance;

async function walkTasks(id: string) {
  const page = good(
    await client.GET("/api/integration/rest/v1/tasks", { params: { query: { limit: 1, title: "walk" } } }),
  );
  assert.deepEqual([page.pagination.totalItems, page.tasks[0]?.taskId], [1, id]);
  const found = good(
    await client.POST("/api/integration/rest/v1/tasks/filter", { body: { title: "Walk", favorite: false } }),
  );
  assert.deepEqual(found.tasks, page.tasks);
  const body = { fields: { labels: { add: ["north"] }, activeBefore: null } };
  const changed = good(await client.PATCH("/api/integration/rest/v1/tasks/{id}", { params: { path: { id } }, body }));
  const of = { path: { id }, query: { mode: "detailed" } } as const;
  assert.deepEqual(good(await client.GET("/api/integration/rest/v1/tasks/{id}", { params: of })), changed);
  assert.deepEqual(changed.labels, ["north"]);
  const missing = await client.GET("/api/integration/rest/v1/tasks/{id}", { params: { path: { id: "nosuchtask" } } });
  assert.equal(missing.error?.code, "not_found");
}

async function walkUsers(id: string) {
  const page = good(await client.GET("/api/integration/rest/v1/users", { params: { query: { username: "ADA" } } }));
  const body = { active: true, group: ["default"], type: "regular" as const };
  const found = good(await client.POST("/api/integration/rest/v1/users/filter", { body }));
  const fetched = good(await client.GET("/api/integration/rest/v1/users/{id}", { params: { path: { id } } }));
  assert.deepEqual([page.users, found.users], [[fetched], [fetched]]);
}

async function walkCandidates(taskId: string, userId: string) {
  const one = "/api/integration/rest/v1/tasks/{taskId}/candidates/{id}";
  const all = "/api/integration/rest/v1/tasks/{taskId}/candidates";
  const path = { taskId };
  const body = { kind: "temporary-candidate", fullname: "Grace", email: "g@example.org" } as const;
  const params = { path, header: { "Idempotency-Key": "walk-1" } };
  const made = good(await client.POST(all, { params, body }));
  assert.deepEqual(good(await client.POST(all, { params, body })), made);
  good(await client.POST(all, { params: { path }, body: { kind: "internal-candidate", id: userId } }));
  const listed = good(await client.GET(all, { params: { path, query: { email: "g@example.org" } } }));
  const of = { path: { taskId, id: made.candidateId } };
  assert.deepEqual(listed.candidates, [good(await client.GET(one, { params: of }))]);
  const changed = good(await client.PATCH(one, { params: of, body: { fields: { group: "east" } } }));
  assert.equal(changed.group, "east");
  good(await client.DELETE(one, { params: of }));
  assert.equal((await client.GET(one, { params: of })).error?.status, 404);
}

async function walkInstances(taskId: string, id: string) {
  const path = { taskId };
  const of = { path: { taskId, id } };
  const all = "/api/integration/rest/v1/tasks/{taskId}/test-instances";
  const basic = good(await client.GET(all, { params: { path } })).testInstances;
  const [whole] = good(await client.GET(all, { params: { path, query: { mode: "detailed" } } })).testInstances;
  const [row] = basic;
  assert.ok(row && !isDetailed(row) && row.status === "COMPLETE");
  assert.ok(whole && isDetailed(whole) && typeof whole.result === "object");
  const filter = "/api/integration/rest/v1/tasks/{taskId}/test-instances/filter";
  const run = good(await client.POST(filter, { params: { path, query: { limit: 1 } }, body: { kind: "meta" } }));
  assert.deepEqual([run.testInstances, run.pagination.next], [basic, null]);
  const info = { kind: "info", displayName: "Ada Example" } as const;
  const rest = good(await client.POST(filter, { params: { path, query: { lastDocId: id } }, body: info }));
  assert.deepEqual(rest.testInstances, []);
  assert.deepEqual(good(await client.GET(`${all}/{id}`, { params: of })), row);
  const expand = good(
    await client.POST(`${all}/{id}/expand`, { params: of, body: { expand: ["test", "creditCost"] } }),
  );
  assert.equal(expand.creditCost, 0);
  const { answers } = good(await client.GET(`${all}/{id}/answers`, { params: of }));
  const effective = answers.filter((answer) => answer.effective).length;
  assert.equal(effective, whole.result.scoreboard.noOfQuestions);
  const evidences = good(await client.GET(`${all}/{id}/proctoring-evidences`, { params: of }));
  assert.deepEqual(evidences.proctoringEvidences, []);
  const feed = good(await client.GET(`${all}/changes`, { params: { path } }));
  assert.deepEqual([feed.hasMore, feed.changes.at(-1)?.testInstance], [false, row]);
  const after = good(await client.GET(`${all}/changes`, { params: { path, query: { since: feed.cursor } } }));
  assert.deepEqual(after, { changes: [], cursor: feed.cursor, hasMore: false });
  const lines = good(await client.GET(`${all}/export`, { params: { path }, parseAs: "text" })) as string;
  const [first, trailer] = lines.trim().split("\n");
  assert.deepEqual([JSON.parse(first ?? ""), JSON.parse(trailer ?? "").count], [row, 1]);
}

await walkTasks(given.taskId);
await walkUsers(given.userId);
await walkCandidates(given.taskId, given.userId);
await walkInstances(given.taskId, given.instanceId);
