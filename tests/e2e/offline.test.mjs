// After the first visit the page works without a network.

import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { after, before, describe, it } from "node:test";

import { BASE_URL, launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, PAIRS, QUICK } from "./support/lab.mjs";

describe("without a network", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("the page starts and runs to the end once it was visited", async () => {
    const lab = await Lab.fresh(browser, { serviceWorkers: "allow" });
    const { page } = lab;
    // A server that can go away: a browser set offline leaves its service workers online.
    const proxy = createServer((incoming, answer) => {
      const passed = request(new URL(incoming.url.slice(1), BASE_URL), (from) => {
        answer.writeHead(from.statusCode, from.headers);
        from.pipe(answer);
      });
      passed.end();
    });
    await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
    after(() => proxy.close());
    await lab.open(`http://127.0.0.1:${proxy.address().port}/#${QUICK}`);
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
    for (const file of ["", "boot.js", "catalogue.json", "worker_bg.wasm", "data/manifest.json"]) assert.ok(kept.files.includes(file), file);
    assert.ok(!kept.files.includes("worker_gpu_bg.wasm"), "the WebGPU engine was not used");
    assert.ok(!kept.files.includes("worker_wide_bg.wasm"), "nor were other methods");

    proxy.close();
    proxy.closeAllConnections();
    await page.reload();
    await lab.ready();
    const reached = await page.evaluate(() => fetch("nothing").then(() => true, () => false));
    assert.equal(reached, false, "the server is gone");
    await lab.playToTheEnd();
    const cells = await lab.matrix();
    for (const pair of PAIRS) assert.match(cells[pair] ?? "", /\d+\.\d/, pair);
  });
});
