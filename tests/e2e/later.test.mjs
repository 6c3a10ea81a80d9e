// What a later version wrote: events that this one does not know are left out one by one, which is said wherever a run comes from, and
// nothing that is kept is thrown away for them.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

/** An event of a kind that no version knows. */
const LATER = { weather_read: { degrees: [0.5, 2] } };
/** The same as a line of a file. */
const LINE = `${JSON.stringify(LATER)}\n`;
const LEFT_OUT = "1 event of a kind that this version does not know was left out: weather_read.";

/** Longest wait for what is kept; only there so that a page that keeps nothing ends the test. */
const KEPT_MS = 60_000;

/** Runs in the browser: numbers and values of the kept runs. */
const read = () =>
  new Promise((done, fail) => {
    const open = indexedDB.open("upgrade-lab");
    open.onerror = () => fail(open.error);
    open.onsuccess = () => {
      const drawer = open.result.transaction("records").objectStore("records");
      const [keys, values] = [drawer.getAllKeys(), drawer.getAll()];
      values.onsuccess = () => done(keys.result.map((key, at) => [key, values.result[at]]));
      values.onerror = () => fail(values.error);
      open.result.close();
    };
  });

/** Runs in the browser: puts values among the kept runs under their numbers. */
const write = (records) =>
  new Promise((done, fail) => {
    const open = indexedDB.open("upgrade-lab");
    open.onerror = () => fail(open.error);
    open.onsuccess = () => {
      const transaction = open.result.transaction("records", "readwrite");
      for (const [key, value] of records) transaction.objectStore("records").put(value, key);
      transaction.oncomplete = () => done();
      transaction.onabort = () => fail(transaction.error);
      open.result.close();
    };
  });

/** Runs in the browser: adds a line to the events of the interrupted run. */
const addToInterrupted = (line) =>
  new Promise((done, fail) => {
    const open = indexedDB.open("upgrade-lab");
    open.onerror = () => fail(open.error);
    open.onsuccess = () => {
      const transaction = open.result.transaction("interrupted", "readwrite");
      const drawer = transaction.objectStore("interrupted");
      const kept = drawer.get(0);
      kept.onsuccess = () => drawer.put(kept.result.map((part, at) => (at === 2 ? part + line : part)), 0);
      transaction.oncomplete = () => done();
      transaction.onabort = () => fail(transaction.error);
      open.result.close();
    };
  });

/** The kept runs in the browser's database, once this holds of them. */
async function kept({ page }, holds) {
  const end = Date.now() + KEPT_MS;
  for (;;) {
    const records = await page.evaluate(read);
    if (holds(records)) return records;
    if (Date.now() > end) assert.fail(`These are kept: ${JSON.stringify(records)}`);
  }
}

describe("an event of a later version", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("is left out of a kept run, which stays with it, and a run in another form stays, too", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
    const [[id, text]] = await kept(lab, (records) => records.length === 1);
    const record = JSON.parse(text);
    const facts = [LATER, ...record.facts];
    const foreign = JSON.stringify({ id: id - 1, form: 9 });
    await lab.page.evaluate(write, [
      [id, JSON.stringify({ ...record, facts })],
      [id - 1, foreign],
      [id - 2, "no record"],
    ]);
    await lab.page.reload();
    for (const said of [
      `Kept runs: ${LEFT_OUT}`,
      "This version cannot read 1 of the kept runs: unlisted, they stay in this browser",
      "No version can read 1 of the kept runs; they were dropped.",
    ]) {
      await lab.notices.filter({ hasText: said }).waitFor();
    }
    await lab.ready();
    await lab.page.keyboard.press("g");
    const rows = lab.page.getByRole("region", { name: "Kept runs" }).locator("tbody tr");
    await rows.first().waitFor();
    assert.equal(await rows.count(), 1);
    assert.match(await rows.first().innerText(), /\d+\.\d/, "its numbers are there");

    // What is written again is whole.
    const name = rows.first().getByLabel("Name of the run");
    await name.fill("mine");
    await name.press("Enter");
    const records = await kept(lab, (records) => records.some(([, text]) => text.includes('"mine"')));
    assert.deepEqual(records.map(([key]) => key), [id - 1, id], "what is no record is gone");
    assert.equal(records[0][1], foreign);
    const again = JSON.parse(records[1][1]).facts;
    assert.equal(again.length, facts.length);
    assert.deepEqual(again.find((fact) => fact.weather_read), LATER);
    assert.deepEqual(lab.errors, []);
  });

  it("is left out of a recorded run that ships", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.route("**/runs/extended-class.jsonl.gz", async (route) => {
      const response = await route.fetch();
      const events = gunzipSync(await response.body()).toString();
      await route.fulfill({ response, body: gzipSync(`${events.trimEnd()}\n${LINE}`) });
    });
    await lab.visit("");
    await lab.notices.filter({ hasText: `The recorded run of extended-class: ${LEFT_OUT}` }).waitFor();
    await lab.onShow.getByText("Recorded run", { exact: true }).waitFor();
    assert.match((await lab.matrix())["v2/v1"], /\d+\.\d/, "the rest is on show");
    assert.deepEqual(lab.errors, []);
  });

  it("is left out of a run that goes on after a reload, and of one that is opened", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.page.keyboard.press("m");
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    await lab.button("Step epoch").click();
    await lab.kept(/^v2\*, step [1-9]/);
    await lab.page.evaluate(addToInterrupted, LINE);
    await lab.page.reload();
    const offer = lab.notices.filter({ hasText: /^A run was interrupted at / });
    await offer.waitFor();
    await lab.ready();
    await offer.getByRole("button", { name: "Resume" }).click();
    await lab.notices.filter({ hasText: `The run that goes on: ${LEFT_OUT}` }).waitFor();
    await lab.finished();
    const matrix = await lab.matrix();

    await lab.button("Export").click();
    const save = lab.page.getByRole("button", { name: /^Events of the run/ });
    const { bytes } = await lab.download(() => save.click());
    await lab.import([["later.events.jsonl", Buffer.concat([bytes, Buffer.from(LINE)])]]);
    await lab.notices.filter({ hasText: `later.events.jsonl: ${LEFT_OUT}` }).waitFor();
    assert.deepEqual(await lab.matrix(), matrix);
    assert.deepEqual(lab.errors, []);
  });
});
