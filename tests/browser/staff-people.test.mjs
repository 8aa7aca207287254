// Staff make a task of one of the demo's tests, add one candidate and many from a table with a faulty row, invite.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, document, signIn } from "./support.mjs";

let server;
let watched;
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
});
after(async () => {
  await watched?.close();
  await server?.end();
});

const TABLE =
  "Full name;E-mail;Class;City\nAda Lovelace;ada@example.org;A;London\nAlan Turing;alan.example.org;A;Wilmslow\nAda Again;ADA@example.org;B;London\nGrace Hopper;grace@example.org;B;New York\n";

test("staff make a task, add candidates from a table whose faults they see first, and invite them", async () => {
  const device = await watched.device(server, { timezoneId: "Europe/Istanbul" });
  const page = await device.newPage();
  await page.goto(`${server.url}/staff/tasks`);
  await page.getByLabel("User name").fill(server.username);
  await page.getByLabel("Password").fill(server.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Tasks" }).waitFor();
  await watched.look(page, "staff-tasks");

  await page.getByRole("link", { name: "New task" }).click();
  await page.getByRole("button", { name: "Create task" }).click();
  await page.getByText("Nothing has been created yet").waitFor();
  await watched.look(page, "staff-task-fault");
  await page.getByLabel("Title").first().fill("Spring intake");
  await page.getByLabel("Folder").fill("Sales");
  await page.getByLabel("Labels").fill("spring, junior");
  await page.getByLabel("Stages", { exact: true }).fill("Applied\nInterview");
  await page.getByLabel("Opens").first().fill("2026-01-05T09:00");
  await page.getByLabel("Test", { exact: true }).selectOption({ index: 1 });
  await watched.look(page, "staff-task-new");
  await page.getByRole("button", { name: "Create task" }).click();
  await page.getByText("Task created").waitFor();
  await page.locator("svg.qr path").waitFor();
  await watched.look(page, "staff-task");
  const task = new URL(page.url()).pathname.split("/").at(-1);

  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByText("Your time (").first().waitFor();
  assert.equal(
    await page.getByLabel("Opens").first().inputValue(),
    "2026-01-05T09:00",
    "as it was typed, in the reader's zone",
  );
  await page.getByLabel("Title").first().fill("Spring intake 2026");
  await watched.look(page, "staff-task-settings");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();

  await page.getByRole("link", { name: "Steps", exact: true }).click();
  await page.getByRole("link", { name: "Add step" }).click();
  await page.getByLabel("Test", { exact: true }).selectOption({ index: 2 });
  await page.getByLabel("Title").fill("Second round");
  await page.getByText("Conditions on starting").click();
  await page.getByRole("group", { name: "After these steps are completed" }).getByRole("checkbox").check();
  await page.getByLabel("In one of these stages").fill("Interview");
  await watched.look(page, "staff-step-new");
  await page.getByRole("button", { name: "Add step" }).click();
  await page.getByText("Step added.").waitFor();
  await page.getByText(/in stage Interview; after .* is completed/).waitFor();
  await watched.look(page, "staff-steps");
  page.once("dialog", (dialog) => dialog.accept());
  await page
    .getByRole("button", { name: /^Remove/ })
    .first()
    .click();
  await page.getByText(/waits for it/).waitFor();
  await page.getByRole("button", { name: "Move Second round up" }).click();
  await page.getByText("Order changed.").waitFor();
  await page.getByRole("link", { name: "Change Second round" }).click();
  assert.equal(await page.getByLabel("In one of these stages").inputValue(), "Interview");
  await page.getByRole("spinbutton", { name: "Attempts" }).fill("3");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("3 attempts").waitFor();
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Remove Second round" }).click();
  await page.getByText("Step removed.").waitFor();
  await page.getByRole("link", { name: "Settings" }).click();

  await page.getByRole("link", { name: "E-mail templates" }).click();
  assert.equal(await page.getByLabel("Name").inputValue(), "Invitation", "a task has one from the start");
  await page.getByLabel("Name").fill("");
  await page.getByLabel("Subject").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Nothing has been changed yet").waitFor();
  await page.getByLabel("Name").fill("Welcome");
  await page.getByLabel("Subject").fill("{{task}}: {{nobody}}");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Nothing has been changed yet").waitFor();
  await page.getByLabel("Subject").fill("Welcome to {{task}}");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("Welcome to Spring intake 2026").waitFor();
  await watched.look(page, "staff-task-templates");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();

  await page.getByRole("link", { name: "Candidates" }).click();
  await watched.look(page, "staff-candidates-none");
  await page.getByRole("link", { name: "Add candidate" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Emmy Noether");
  await page.getByLabel("E-mail", { exact: true }).fill("no address");
  await page.getByRole("button", { name: "Add candidate" }).click();
  await page.getByText("Nobody has been added yet").waitFor();
  await watched.look(page, "staff-candidate-fault");
  await page.getByLabel("E-mail", { exact: true }).fill("emmy@example.org");
  await page.getByLabel("Time factor").fill("1.25");
  await page.getByRole("button", { name: "Add candidate" }).click();
  await page.getByText("Added.").waitFor();
  await page.getByLabel("Rating").fill("4");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  assert.equal(await page.getByLabel("Time factor").inputValue(), "1.25");
  await watched.look(page, "staff-candidate");
  const code = await page.locator("#code").innerText();
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Reset code" }).click();
  await page.getByText("New code created").waitFor();
  assert.notEqual(await page.locator("#code").innerText(), code);

  await page.goto(`${server.url}/staff/tasks/${task}/candidates/import`);
  await watched.look(page, "staff-import");
  await page.getByLabel("File").setInputFiles({ name: "class.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("2 new").waitFor();
  await page.getByText("1 registered already").waitFor();
  await page.getByText("1 with errors").waitFor();
  assert.equal(await page.getByLabel("Class").inputValue(), "group", "guessed");
  await watched.look(page, "staff-import-preview");
  await page.getByRole("button", { name: "Add them" }).click();
  await page.getByText("Nobody was added. Correct").waitFor();
  await page.getByLabel("City").selectOption("tag");
  await page.getByLabel("Duplicates and errors").selectOption("good");
  await page.getByRole("button", { name: "Update preview" }).click();
  await page.getByRole("button", { name: "Add 2" }).click();
  await page.getByText("2 candidates added.").waitFor();
  await page.getByRole("link", { name: "Grace Hopper" }).waitFor();
  assert.equal(await page.getByRole("link", { name: /Turing|Again/ }).count(), 0);

  await page.getByLabel("Choose Ada Lovelace").check();
  await page.getByLabel("Stage").last().selectOption("Interview");
  await page.getByRole("button", { name: "Set stage" }).click();
  await page.getByText("1 candidate changed.").waitFor();
  await watched.look(page, "staff-candidates");
  await page.getByRole("link", { name: "Invite" }).click();
  await page.getByText("3 candidates have not been invited yet and get an e-mail.").waitFor();
  await page.getByText("No mail server is set up").waitFor();
  await watched.look(page, "staff-invite");
  await page.getByRole("button", { name: "Invite 3" }).click();
  await page.getByText("Nothing was sent: no mail server is set up. The invitations of 3 candidates").waitFor();
  await page.getByLabel("Name, e-mail, id or code").fill("GRACE");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: "Grace Hopper" }).click();
  await page.getByText("grace@example.org ·").waitFor();

  page.once("dialog", (dialog) => dialog.accept());
  await page.getByText("Erase person").click();
  await page.getByLabel("Type ERASE to confirm").fill("ERASE");
  await page.getByRole("button", { name: "Erase for good" }).click();
  await page.getByText("The person has been erased").waitFor();
  await watched.look(page, "staff-erased");
  await page.goto(`${server.url}/staff/tasks/${task}/candidates`);
  await page.getByRole("link", { name: "Ada Lovelace" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Grace Hopper" }).count(), 0);
  watched.demandNoFaults();
});

test("a test is duplicated, a task is made with it and copied for the next intake", async () => {
  const original = await server.test(document("every-kind.json"));
  const page = await signIn(await watched.device(server), server);
  await page.goto(`${server.url}/staff/tests/${original}`);
  await page.getByRole("button", { name: "Duplicate" }).click();
  await page.waitForURL(/\/staff\/tests\/[^/]+\/edit$/);
  const copy = new URL(page.url()).pathname.split("/").at(-2);
  assert.notEqual(copy, original);
  assert.match(await page.getByLabel("Title").first().inputValue(), /^Copy of /);

  await page.goto(`${server.url}/staff/tests/${copy}`);
  await page.getByRole("link", { name: "Create task with this test" }).click();
  assert.equal(await page.getByLabel("Test", { exact: true }).inputValue(), copy);
  await page.getByLabel("Title").first().fill("October intake");
  await page.getByRole("button", { name: "Create task" }).click();
  await page.getByText("Task created").waitFor();
  await page.getByRole("button", { name: "Copy task" }).click();
  await page.getByText("Task copied, without candidates and dates").waitFor();
  assert.equal(await page.getByLabel("Title").first().inputValue(), "Copy of October intake");
  watched.demandNoFaults();
});
