// What an attacker found: a worker that dies behind a finished run, cleared site data, what is kept cut short, no start, files too large.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { BASE_URL, launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("the page", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("keeps a finished run whose worker dies, and says that its weights are gone", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.playToTheEnd();
    const matrix = await lab.matrix();
    await lab.page.workers()[0].evaluate(() => void setTimeout(() => close()));
    await lab.alerts.filter({ hasText: /was started again .*its weights are gone/ }).waitFor();
    assert.equal(await lab.dialog.count(), 0);
    assert.equal(await lab.status.innerText(), "Finished");
    assert.deepEqual(await lab.matrix(), matrix);
    await lab.button("Export").click();
    await lab.transport.getByText("The weights of this run are gone: run it again to have them.", { exact: true }).waitFor();
    assert.equal(await lab.button("All of them").count(), 0);
    await lab.page.keyboard.press("Escape");
    await lab.button("Reset").click();
    await lab.ready();
    await lab.playToTheEnd();
    assert.deepEqual(lab.errors, []);
  });

  it("opens its database again that was deleted meanwhile", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    const deleted = await lab.page.evaluate(
      () =>
        new Promise((done) => {
          const request = indexedDB.deleteDatabase("upgrade-lab");
          request.onsuccess = () => done("deleted");
          request.onblocked = () => done("blocked");
          request.onerror = () => done("failed");
        }),
    );
    assert.equal(deleted, "deleted");
    await lab.page.keyboard.press("m");
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    await lab.kept(/./);
    assert.deepEqual(lab.errors, []);
  });

  it("drops an interrupted run without a checkpoint", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.page.keyboard.press("m");
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    await lab.kept(/./);
    await lab.page.evaluate(
      () =>
        new Promise((done) => {
          indexedDB.open("upgrade-lab").onsuccess = ({ target: { result: database } }) => {
            const drawer = database.transaction("interrupted", "readwrite").objectStore("interrupted");
            drawer.get(0).onsuccess = ({ target: { result: kept } }) => {
              drawer.put(kept.slice(0, 3), 0).onsuccess = () => (database.close(), done());
            };
          };
        }),
    );
    await lab.page.reload();
    await lab.notices.filter({ hasText: "cannot read the run that was interrupted; it was dropped" }).waitFor();
    await lab.keptNone();
    assert.deepEqual(lab.errors, []);
  });

  it("says so where its start is missing, and nothing where it is there", async () => {
    const lab = await Lab.fresh(browser);
    const sentence = lab.page.getByText("Upgrade Lab has not started yet.");
    await lab.page.route("**/boot.js", (route) => route.fulfill({ status: 404 }));
    await lab.page.goto(BASE_URL);
    await sentence.waitFor({ state: "visible", timeout: 15_000 });
    await lab.page.unrouteAll();
    await lab.page.reload();
    await lab.transport.waitFor();
    await sentence.waitFor({ state: "detached" });
  });

  it("refuses the events of what no run could be", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.playToTheEnd();
    await lab.button("Export").click();
    const [download] = await Promise.all([
      lab.page.waitForEvent("download"),
      lab.page.getByRole("button", { name: /^Events of the run/ }).click(),
    ]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    const events = Buffer.concat(chunks).toString().trimEnd().split("\n").map((line) => JSON.parse(line));
    const started = events.find((event) => event.run_started).run_started;
    started.plan = Array.from({ length: 2000 }, () => started.plan[0]);
    const buffer = Buffer.from(events.map((event) => JSON.stringify(event)).join("\n"));
    await lab.page.locator("#import").setInputFiles({ name: "large.events.jsonl", mimeType: "application/jsonl", buffer });
    await lab.alerts.filter({ hasText: "large.events.jsonl cannot be shown: its plan has 2000 phases" }).waitFor();
    assert.equal(await lab.status.innerText(), "Finished");
    assert.deepEqual(lab.errors, []);
  });
});
