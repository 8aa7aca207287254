// Every page of staff, as the running program names them, opened and looked at: a new page is covered by being there.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, document, isStaff, routes, signIn } from "./support.mjs";

let server;
let watched;
let page;
let examples;
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
  examples = await things();
  const device = await watched.device(server);
  page = await signIn(device, server);
  await page.goto(`${server.url}/staff/tasks/${examples.task}/group`);
  const correct = await page.getByRole("link", { name: "Correct this question" }).first().getAttribute("href");
  examples.question_key = correct.split("/").at(-2);
  page.on("console", (message) => {
    if (message.type() === "error") watched.faults.push(`${page.url()}: ${message.text()} ${message.location().url}`);
  });
});
after(async () => {
  await watched?.close();
  await server?.end();
});

/** What stands for each parameter of a route: things of the demo, and of its task with the most to see. */
async function things() {
  const manage = "/api/management/v1";
  const [task] = server.tasks.map((task) => task.taskId);
  const { steps } = await server.api(`${manage}/tasks/${task}`);
  const { testInstances } = await server.results(task);
  const instance = testInstances[0];
  const { users } = await server.api(`${manage}/users`);
  const { keys } = await server.api(`${manage}/keys`);
  const { webhook } = await server.api(`${manage}/webhooks`, {
    url: "https://example.org/hook",
    events: ["test-instance.completed"],
  });
  const template = { name: "Invitation", subject: "Your test" };
  const inviting = await server.task(document("every-kind.json"), { emailTemplates: [template] });
  const fresh = await server.candidate(inviting, { fullname: "Grace Example", email: "grace@example.org" });
  const invitation = { candidateIds: [fresh.candidateId], emailTemplateName: template.name };
  await server.api(`${manage}/tasks/${inviting}/candidates/invite`, invitation);
  const { mails } = await server.api(`${manage}/mails`);
  const written = { key: "why", kind: "input", type: "area", text: "Why?" };
  const { questions } = await server.api(`${manage}/questions?approve=true`, written);
  return {
    task,
    candidate: instance.ticketId,
    instance: instance.testInstanceId,
    step: steps[0].id,
    test: await server.test(document("every-kind.json")),
    user: users[0].userId,
    key: keys[0].keyId,
    webhook: webhook.webhookId,
    mail: mails[0].mailId,
    question: questions[0].questionId,
  };
}

/** The address of a route with every parameter filled in. */
function address(route) {
  return route.replace(/\{(\w+)\}/g, (_, name) => {
    assert.ok(
      examples[name],
      `${route}: nothing of the demo stands for {${name}}; add it to things() in staff-pages.test.mjs`,
    );
    return examples[name];
  });
}

async function demandPolicies(response, route) {
  const policy = response.headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/, route);
  assert.doesNotMatch(policy, /unsafe-/, route);
}

for (const route of routes().filter(isStaff)) {
  test(`the page ${route} is in order`, async () => {
    const response = await page.goto(server.url + address(route));
    assert.equal(response.status(), 200, `${route}: ${await page.title()}`);
    await demandPolicies(response, route);
    assert.equal(await page.locator("h1").count(), 1, `${route} has one heading of the first level`);
    assert.match(await page.title(), /^\S.* – assay$/, `${route} has a title`);
    watched.faults = [];
    await watched.look(
      page,
      `staff${route
        .replace(/^\/staff/, "")
        .replaceAll("/", "-")
        .replace(/[{}]/g, "")}`,
    );
    watched.demandNoFaults();
  });
}

test("whoever is not signed in sees no page but the one to sign in at", async () => {
  const stranger = await (await watched.device(server)).newPage();
  for (const route of routes().filter(isStaff)) {
    const response = await stranger.goto(server.url + address(route));
    assert.equal(new URL(stranger.url()).pathname, "/staff/sign-in", route);
    await demandPolicies(response, route);
  }
  await watched.look(stranger, "staff-sign-in-outside");
  await stranger.getByLabel("User name").fill("nobody");
  await stranger.getByLabel("Password").fill("wrong");
  await stranger.getByRole("button", { name: "Sign in" }).click();
  await stranger.getByRole("alert").waitFor();
  await watched.look(stranger, "staff-sign-in-refused");
  watched.demandNoFaults();
});
