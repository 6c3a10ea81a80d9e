// Workers beside the one that trains: one that falls silent is told, and there is a way on.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";
import { embeddings } from "./support/own_data.mjs";

/** A program that starts and never says a word. */
const MUTE = { contentType: "text/javascript", body: "export {};" };

/** Runs in the importer: as it begins to pack it hangs, and hears and says nothing any more. */
function hangs() {
  const post = self.postMessage.bind(self);
  self.postMessage = (message, ...rest) => {
    post(message, ...rest);
    if (/"packing"/.test(message.text)) for (;;);
  };
}

describe("a worker beside the one that trains", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** A page whose seconds pass at once, while its workers wait. */
  async function opened(hash = QUICK) {
    const lab = await Lab.fresh(browser);
    await lab.page.clock.install();
    await lab.open(hash);
    return lab;
  }

  /** Has the next worker of this file be one that never says a word, and waits for its start. */
  async function mute(lab, file, act) {
    await lab.page.route(`**/${file}`, (route) => route.fulfill(MUTE));
    await Promise.all([lab.page.waitForEvent("worker"), act()]);
  }

  it("is told of an import that hangs in the midst of its work, and that is begun again", async () => {
    const lab = await opened();
    await lab.page.route("**/importer_loader.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `(${hangs})();\n${await response.text()}` });
    });
    const told = lab.notices.filter({ hasText: "Nothing was heard of the import for 30 seconds. A single large file can take that long" });
    await lab.import(embeddings(8));
    await lab.notices.filter({ hasText: "The dataset is being packed." }).waitFor();
    await lab.page.clock.runFor(16_000);
    assert.equal(await told.count(), 0, "a large file takes longer between two words");
    await lab.page.clock.runFor(24_000);
    await told.waitFor();
    await lab.page.unrouteAll();
    await told.getByRole("button", { name: "Begin the import again" }).click();
    await told.waitFor({ state: "hidden" });
    await lab.notices.filter({ hasText: "Embeddings by old (8 dims), then new (8 dims)" }).waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("is told of an import that never says a word, and that is cancelled", async () => {
    const lab = await opened();
    const url = lab.page.url();
    await mute(lab, "importer_loader.js", () => lab.import(embeddings()));
    const told = lab.notices.filter({ hasText: "The importer has been on its way for 60 seconds" });
    await lab.page.clock.runFor(40_000);
    assert.equal(await told.count(), 0, "over a slow network it takes that long");
    await lab.page.clock.runFor(30_000);
    await told.getByRole("button", { name: "Cancel import" }).click();
    await told.waitFor({ state: "hidden" });
    await lab.notices.filter({ hasText: "The import was cancelled; nothing was changed." }).waitFor();
    assert.equal(await lab.page.getByRole("progressbar", { name: "Progress of the import" }).count(), 0);
    assert.equal(lab.page.url(), url);
    assert.deepEqual(lab.errors, []);
  });

  it("is given up where it was to time the engines, which is said", async () => {
    const lab = await opened();
    await lab.setup.getByRole("tab", { name: "Run", exact: true }).click();
    const compare = lab.setup.getByRole("button", { name: "Compare speed" });
    await mute(lab, "worker_loader.js", () => compare.click());
    const measuring = lab.setup.getByRole("listitem").filter({ hasText: /^Measuring$/ });
    await measuring.waitFor();
    await lab.page.clock.runFor(124_000);
    await lab.setup.getByText("Nothing was heard of it for 120 seconds.", { exact: true }).waitFor();
    await measuring.waitFor({ state: "hidden" });
    assert.ok(await compare.isEnabled(), "it can be asked again");
    assert.deepEqual(lab.errors, []);
  });

  it("is given up where it was to make the images of a run on show, which is said", async () => {
    const maker = await Lab.fresh(browser);
    await maker.open();
    await maker.button("Step epoch").click();
    await maker.atStep(7);
    await maker.button("Export").click();
    const save = maker.page.getByRole("button", { name: /^Events of the run/ });
    const { name, bytes } = await maker.download(() => save.click());

    // The images of another seed are in its worker.
    const lab = await opened(`${QUICK}&seed=9`);
    await mute(lab, "worker_loader.js", () => lab.import([[name, bytes]]));
    await lab.onShow.getByText(`Opened: ${name}`, { exact: true }).waitFor();
    await lab.page.clock.runFor(124_000);
    const reason = "The images of the run on show cannot be had: Nothing was heard of it for 120 seconds.";
    await lab.notices.filter({ hasText: reason }).waitFor();
    assert.deepEqual(lab.errors, []);
  });
});
