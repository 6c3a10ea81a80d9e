// What goes wrong is said in a sentence with one way on, and the page survives it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";

import { launch, launchForgetful, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

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

  /** The run has gone on within the model that was training, and every step was taken once. */
  async function wentOn(lab) {
    await lab.finished();
    const steps = (await lab.losses()).map(([step]) => step);
    assert.deepEqual(steps, [...steps.keys()].map((at) => at + 1), "each step once");
    assert.deepEqual(lab.errors, []);
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
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    await lab.settled();
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

  it("of a worker that is gone without a word goes on within the model in training", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.page.keyboard.press("m");
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    await lab.button("Step epoch").click();
    await lab.kept(/^v2\*, step [1-9]/);
    const [worker] = lab.page.workers();
    await worker.evaluate(() => void setTimeout(() => close()));
    await recovers(lab, /The worker died[^]*ended without a word[^]*the run goes on from v2\*, step [1-9]/);
    await wentOn(lab);
  });

  it("of a worker that is silent is told, taken back when it answers, and mended when it hangs", async () => {
    const lab = await Lab.fresh(browser);
    // Of the page alone: its seconds pass at once while the worker waits.
    await lab.page.clock.install();
    await lab.open();
    await lab.page.keyboard.press("m");
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    await lab.button("Step epoch").click();
    await lab.kept(/^v2\*, step [1-9]/);
    const told = lab.notices.filter({ hasText: "The engine has not answered for 8 seconds." });
    const server = createServer().listen(0, "127.0.0.1");
    after(() => (server.close(), server.closeAllConnections()));
    await once(server, "listening");
    /** Has the worker wait for an answer, and so hear nothing, until that is given. */
    const hold = async () => {
      const asked = once(server, "request");
      const ask = (url) =>
        void setTimeout(() => {
          const request = new XMLHttpRequest();
          request.open("GET", url, false);
          request.send();
        });
      await lab.page.workers()[0].evaluate(ask, `http://127.0.0.1:${server.address().port}/`);
      const [, answer] = await asked;
      return answer;
    };
    const answer = await hold();
    await lab.page.clock.runFor(14_000);
    await told.waitFor();
    answer.writeHead(200, { "access-control-allow-origin": "*" }).end();
    await told.waitFor({ state: "hidden" });
    assert.equal(await lab.dialog.count(), 0, "nobody was accused");

    await hold();
    await lab.page.clock.runFor(14_000);
    assert.match(await told.innerText(), /the run goes on from v2\*, step [1-9]/);
    await told.getByRole("button", { name: "Start the engine again" }).click();
    await told.waitFor({ state: "hidden" });
    await wentOn(lab);
  });

  it("of a worker that never says a word is told, with the way to another", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.clock.install();
    // It starts, and that is all.
    const body = "export {};";
    await lab.page.route("**/worker_loader.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
    await Promise.all([lab.page.waitForEvent("worker"), lab.visit()]);
    await lab.status.filter({ hasText: "Starting the engine" }).waitFor();
    const told = lab.notices.filter({ hasText: "The engine has been on its way for 60 seconds" });
    await lab.page.clock.runFor(40_000);
    assert.equal(await told.count(), 0, "over a slow network it takes that long");
    await lab.page.clock.runFor(30_000);
    await told.waitFor();
    assert.equal(await lab.dialog.count(), 0, "nobody was accused");
    await lab.page.unrouteAll();
    await told.getByRole("button", { name: "Start the engine again" }).click();
    await told.waitFor({ state: "hidden" });
    await lab.ready();
    await lab.playToTheEnd();
    assert.deepEqual(lab.errors, []);
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

describe("a browser", { skip: ONLY_CPU }, () => {
  it("that keeps nothing and refuses to be asked runs all the same, and says once what is not kept", async () => {
    const context = await launchForgetful();
    try {
      const lab = new Lab(await context.newPage());
      await lab.open();
      const refused = await lab.page.evaluate(() => {
        try {
          return localStorage.length;
        } catch (error) {
          return error.name;
        }
      });
      assert.equal(refused, "SecurityError");
      await lab.playToTheEnd();
      await lab.page.keyboard.press("t");
      const said = lab.notices.filter({ hasText: /lets this page keep nothing.*your settings, finished runs and the run under way/ });
      await said.waitFor();
      assert.equal(await lab.notices.count(), 1, `${await lab.notices.allInnerTexts()}`);
      assert.equal(await lab.alerts.count(), 0, `${await lab.alerts.allInnerTexts()}`);
      assert.deepEqual(lab.errors, []);
    } finally {
      await context.close();
    }
  });

  it("that draws on canvases of the document alone shows the images", async () => {
    const browser = await launch();
    try {
      const lab = await Lab.fresh(browser);
      await lab.page.addInitScript(() => delete globalThis.OffscreenCanvas);
      await lab.open(QUICK);
      await lab.button("Step epoch").click();
      await lab.strips.getByRole("img").first().waitFor();
      await lab.pictured();
      assert.ok((await lab.colours(lab.strips.getByRole("img").first())) > 8, "there is something on it");
      assert.deepEqual(lab.errors, []);
    } finally {
      await browser.close();
    }
  });
});
