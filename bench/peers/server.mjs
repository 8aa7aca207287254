// The list of a task's test instances as a plain Node service would serve it: the same rows, read by the same ordinals
// from the same database, in the same shape. It knows one key, in memory, and checks nothing else of a request.
//
//   node server.mjs --port PORT --key KEY [--workers N] [--parsed] (--sqlite FILE | --postgres URL)
//
// Results are kept as ready JSON text. By default they are put into the page as they are, which is the fastest way;
// with --parsed they are read into objects and written again by fastify, which is the usual one.
import cluster from "node:cluster";
import { timingSafeEqual, createHash } from "node:crypto";
import { parseArgs } from "node:util";
import fastify from "fastify";

const { values: options } = parseArgs({
  options: {
    port: { type: "string" },
    key: { type: "string" },
    workers: { type: "string", default: "1" },
    parsed: { type: "boolean", default: false },
    sqlite: { type: "string" },
    postgres: { type: "string" },
  },
});

const digest = (text) => createHash("sha256").update(text).digest();
const keyDigest = digest(`Bearer ${options.key}`);

const TASK = "SELECT instance_count FROM task WHERE id = ?";
const PAGE = `SELECT id, task_id, step_id, candidate_id, state, ignored, result_basic
  FROM instance WHERE task_id = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal`;

async function overSqlite(file) {
  const { default: Database } = await import("better-sqlite3");
  const database = new Database(file, { readonly: true });
  const [task, page] = [TASK, PAGE].map((sql) => database.prepare(sql));
  return {
    count: (id) => task.get(id)?.instance_count,
    rows: (id, first, last) => page.all(id, first, last),
  };
}

async function overPostgres(url) {
  const { default: pg } = await import("pg");
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  const numbered = (sql) =>
    sql.replace(
      /\?/g,
      (
        (n) => () =>
          `$${++n}`
      )(0),
    );
  const [task, page] = [TASK, PAGE].map((sql, index) => ({ name: `q${index}`, text: numbered(sql) }));
  return {
    count: async (id) => (await pool.query({ ...task, values: [id] })).rows[0]?.instance_count,
    rows: async (id, first, last) => (await pool.query({ ...page, values: [id, first, last] })).rows,
  };
}

function pagination(totalItems, currentPage, limit) {
  const totalPages = Math.ceil(totalItems / limit);
  const link = (page) => `?limit=${limit}&page=${page}&mode=basic`;
  const next = currentPage < totalPages ? link(currentPage + 1) : null;
  const previous = currentPage > 1 ? link(currentPage - 1) : null;
  return { totalItems, totalPages, currentPage, limit, next, previous };
}

const shown = (row) => row.state === "COMPLETE" && row.result_basic !== null;

function ready(row) {
  return (
    `{"testInstanceId":"${row.id}","taskId":"${row.task_id}","stepId":"${row.step_id}","ticketId":"${row.candidate_id}",` +
    `"status":"${row.state}","ignored":${Boolean(row.ignored)},"result":${shown(row) ? row.result_basic : "false"}}`
  );
}

function parsed(row) {
  return {
    testInstanceId: row.id,
    taskId: row.task_id,
    stepId: row.step_id,
    ticketId: row.candidate_id,
    status: row.state,
    ignored: Boolean(row.ignored),
    result: shown(row) ? JSON.parse(row.result_basic) : false,
  };
}

async function serve() {
  const database = options.sqlite ? await overSqlite(options.sqlite) : await overPostgres(options.postgres);
  const app = fastify();
  app.get("/tasks/:task/test-instances", async (request, reply) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ""), keyDigest)) return reply.code(401).send();
    const limit = Number(request.query.limit ?? 10);
    const page = Number(request.query.page ?? 1);
    if (!(limit >= 1 && limit <= 1000 && page >= 1)) return reply.code(400).send();
    const count = await database.count(request.params.task);
    if (count === undefined) return reply.code(404).send();
    const rows = await database.rows(request.params.task, (page - 1) * limit + 1, page * limit);
    const paging = pagination(count, page, limit);
    if (options.parsed) return { testInstances: rows.map(parsed), pagination: paging };
    reply.type("application/json");
    return `{"testInstances":[${rows.map(ready).join(",")}],"pagination":${JSON.stringify(paging)}}`;
  });
  await app.listen({ host: "127.0.0.1", port: Number(options.port) });
}

const workers = Number(options.workers);
if (workers > 1 && cluster.isPrimary) {
  for (let worker = 0; worker < workers; worker++) cluster.fork();
} else {
  await serve();
}
