// What goes wrong is said in a sentence with one way on, and the page survives it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

describe("a fault", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** The dialog says it all; its button leads to a page that can be played. */
  async function recovers(lab, message) {
    await lab.dialog.waitFor();
    assert.match(await lab.dialog.innerText(), message);
    await lab.page.unrouteAll();
    const button = lab.dialog.getByRole("button");
    assert.equal(await button.count(), 1, "one way on");
    await button.click();
    await lab.dialog.waitFor({ state: "hidden" });
  }

  it("of a worker that cannot start", async () => {
    const lab = await Lab.fresh(browser);
    const body = 'throw new Error("out of order");';
    await lab.page.route("**/worker_loader.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
    await lab.visit();
    await recovers(lab, /The worker died[^]*out of order/);
    await lab.ready();
    await lab.playToTheEnd();
  });

  it("of a worker whose file is missing", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.route("**/worker_loader.js", (route) => route.fulfill({ status: 404 }));
    await lab.visit();
    await recovers(lab, /could not be loaded/);
    await lab.ready();
  });

  it("of a worker that dies in the middle keeps what was measured", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.button("Step epoch").click();
    await lab.transport.getByText(/^step [1-9]\d* of/).waitFor();
    const curve = await lab.chart("Loss");
    const [worker] = lab.page.workers();
    await worker.evaluate(() => void setTimeout(() => { throw new Error("struck by lightning"); }));
    await lab.dialog.waitFor();
    assert.match(await lab.dialog.innerText(), /What was measured up to here stays/);
    await recovers(lab, /The worker died[^]*struck by lightning/);
    assert.equal(await lab.chart("Loss"), curve, "the curves stay");
    await lab.button("Reset").click();
    await lab.ready();
    await lab.playToTheEnd();
  });

  it("of a missing catalogue says what to do", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.route("**/catalogue.json", (route) => route.fulfill({ status: 404 }));
    await lab.visit();
    await recovers(lab, /list of what can be chosen could not be loaded: the server answers 404/);
    await lab.ready();
  });

  it("of missing data", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.route("**/data/manifest.json", (route) => route.fulfill({ status: 404 }));
    await lab.visit();
    await recovers(lab, /data\/manifest\.json cannot be fetched: the server answers 404/);
    await lab.ready();
  });

  it("of truncated data names the file", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.route("**/data/**/test-images*", async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      await route.fulfill({ response, body: body.subarray(0, body.length / 2) });
    });
    await lab.visit();
    await recovers(lab, /test-images\.idx3-gzip/);
    await lab.ready();
    await lab.playToTheEnd();
  });
});
