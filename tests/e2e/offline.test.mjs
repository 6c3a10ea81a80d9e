// After the first visit the page works without a network.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, PAIRS } from "./support/lab.mjs";

describe("without a network", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("the page starts and runs to the end once it was visited", async () => {
    const lab = await Lab.fresh(browser, { serviceWorkers: "allow" });
    const { page } = lab;
    await lab.open();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    // A visit is the service worker's from its start, or not at all.
    await page.reload();
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
    await lab.ready();
    const kept = await page.evaluate(async () => {
      const [name, ...others] = await caches.keys();
      const requests = await (await caches.open(name)).keys();
      return { name, others, files: requests.map(({ url }) => url.slice(document.baseURI.split("#")[0].length)) };
    });
    assert.match(kept.name, /^upgrade-lab http.* [0-9a-f]{16}$/, "the name of the build");
    assert.deepEqual(kept.others, []);
    for (const file of ["", "boot.js", "worker_bg.wasm", "data/manifest.json"]) assert.ok(kept.files.includes(file), file);
    assert.ok(!kept.files.includes("worker_gpu_bg.wasm"), "the WebGPU engine was not used");

    await page.context().setOffline(true);
    await page.reload();
    await lab.ready();
    const reached = await page.evaluate(() => fetch("nothing").then(() => true, () => false));
    assert.equal(reached, false, "the service worker has no network either");
    await lab.playToTheEnd();
    const cells = await lab.matrix();
    for (const pair of PAIRS) assert.match(cells[pair] ?? "", /\d+\.\d/, pair);
  });
});
