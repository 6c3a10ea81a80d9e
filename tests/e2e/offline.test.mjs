// After the first visit the page works without a network, and what came spoilt once is not kept.

import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { after, before, describe, it } from "node:test";

import { BASE_URL, launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, PAIRS, QUICK } from "./support/lab.mjs";

/**
 * A server that can go away (a browser set offline leaves its service workers online), and whose first answer for each path that `spoils`
 * is altered; browsers may keep that for a day.
 */
async function proxy(spoils = () => false) {
  const spoilt = new Set();
  const server = createServer((incoming, answer) => {
    const { pathname } = new URL(incoming.url, BASE_URL);
    const passed = request(new URL(incoming.url.slice(1), BASE_URL), (from) => {
      if (!spoils(pathname) || spoilt.has(pathname)) {
        answer.writeHead(from.statusCode, from.headers);
        return from.pipe(answer);
      }
      spoilt.add(pathname);
      answer.writeHead(from.statusCode, { ...from.headers, "cache-control": "max-age=86400" });
      from.on("data", (part) => answer.write(part.map((byte) => byte ^ 0x55)));
      from.on("end", () => answer.end());
    });
    passed.end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const leave = () => (server.close(), server.closeAllConnections());
  return { url: `http://127.0.0.1:${server.address().port}/`, spoilt, leave };
}

describe("without a network", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("the page starts and runs to the end once it was visited, whatever came spoilt at first", async () => {
    const lab = await Lab.fresh(browser, { serviceWorkers: "allow" });
    const { page } = lab;
    // What the page needs at once is asked for before the service worker asks for all; of the rest the first answer is its own.
    const server = await proxy((path) => /test-labels|catalogue|extended-class|icon/.test(path));
    after(() => server.leave());
    await lab.open(`${server.url}#${QUICK}`);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    // A visit is the service worker's from its start, or not at all.
    await page.reload();
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
    await lab.ready();
    assert.equal(server.spoilt.size, 4, `${[...server.spoilt]}`);
    const kept = await page.evaluate(async () => {
      const [name, ...others] = await caches.keys();
      const cache = await caches.open(name);
      const requests = await cache.keys();
      const base = document.baseURI.split("#")[0];
      const files = {};
      for (const request of requests) {
        const bytes = await (await cache.match(request)).arrayBuffer();
        files[request.url.slice(base.length)] = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].join();
      }
      return { name, others, files };
    });
    assert.match(kept.name, /^upgrade-lab http.* [0-9a-f]{16}$/, "the name of the build");
    assert.deepEqual(kept.others, []);
    const files = Object.keys(kept.files);
    for (const file of ["", "boot.js", "catalogue.json", "worker_bg.wasm", "data/manifest.json"]) assert.ok(files.includes(file), file);
    assert.ok(!files.includes("worker_gpu_bg.wasm"), "the WebGPU engine was not used");
    assert.ok(!files.includes("worker_wide_bg.wasm"), "nor were other methods");
    for (const path of server.spoilt) {
      const bytes = Buffer.from(await (await fetch(new URL(path.slice(1), BASE_URL))).arrayBuffer());
      const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].join();
      assert.equal(kept.files[path.slice(1)], digest, `${path} is kept as it was built`);
    }

    server.leave();
    await page.reload();
    await lab.ready();
    const reached = await page.evaluate(() => fetch("nothing").then(() => true, () => false));
    assert.equal(reached, false, "the server is gone");
    await lab.playToTheEnd();
    const cells = await lab.matrix();
    for (const pair of PAIRS) assert.match(cells[pair] ?? "", /\d+\.\d/, pair);
  });

  it("or with one, what came spoilt and is kept by the browser is fetched anew", async () => {
    const lab = await Lab.fresh(browser);
    const server = await proxy((path) => /test-labels|catalogue|extended-class|worker_bg/.test(path));
    after(() => server.leave());
    await lab.visit(server.url);
    // A program that came spoilt cannot start; its remedy asks for it again.
    await lab.dialog.waitFor();
    assert.match(await lab.dialog.innerText(), /The worker died/);
    await lab.dialog.getByRole("button", { name: "Start the engine again" }).click();
    await lab.dialog.waitFor({ state: "hidden" });
    await lab.ready();
    assert.equal(await lab.status.innerText(), "Recorded run");
    assert.equal(server.spoilt.size, 4, `${[...server.spoilt]}`);
    assert.equal(await lab.dialog.count(), 0);
  });
});
