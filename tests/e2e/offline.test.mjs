// After the first visit the page works without a network, and what came spoilt once is not kept.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, request } from "node:http";
import { after, before, describe, it } from "node:test";

import { BASE_URL, launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, PAIRS, QUICK } from "./support/lab.mjs";

/**
 * A server that can go away (a browser set offline leaves its service workers online), and whose first answer for each path
 * that `spoils` is altered; browsers may keep that for a day. What stands in `replaced` by its path is answered in place of
 * the build's.
 */
async function proxy(spoils = () => false) {
  const [spoilt, replaced] = [new Set(), new Map()];
  const server = createServer((incoming, answer) => {
    const { pathname } = new URL(incoming.url, BASE_URL);
    const passed = request(new URL(incoming.url.slice(1), BASE_URL), (from) => {
      if (replaced.has(pathname)) {
        from.resume();
        answer.writeHead(200, { "content-type": from.headers["content-type"], "cache-control": "no-store" });
        return answer.end(replaced.get(pathname));
      }
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
  return { url: `http://127.0.0.1:${server.address().port}/`, spoilt, replaced, leave };
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

    // An engine that was never used is not there, and the other takes its place.
    await lab.setup.getByRole("tab", { name: "Run", exact: true }).click();
    await lab.setup.getByLabel("Engine").selectOption({ label: "WebGPU" });
    await lab.engine.getByText("The WebGPU engine cannot be fetched").waitFor();
    await lab.ready();
    assert.equal(await lab.dialog.count(), 0);
  });

  it("all is of the build that was kept; with one, of the newest, which waits until the page is closed", async () => {
    const lab = await Lab.fresh(browser, { serviceWorkers: "allow" });
    const { page } = lab;
    const server = await proxy();
    after(() => server.leave());
    await lab.visit(server.url);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await page.reload();
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
    const file = "data/manifest.json";
    const manifest = () => page.evaluate(async (file) => (await fetch(file)).text(), file);
    const digest = (text) => createHash("sha256").update(text).digest("hex");
    const old = await manifest();
    const built = await (await fetch(new URL("sw.js", BASE_URL))).text();
    assert.ok(built.includes(digest(old)));
    server.replaced.set(`/${file}`, `${old}\n`);
    const other = built.replace(/const BUILD = "\w+"/, 'const BUILD = "another"');
    server.replaced.set("/sw.js", other.replace(digest(old), digest(`${old}\n`)));

    await page.reload();
    assert.equal(await manifest(), `${old}\n`);
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update();
      const coming = registration.installing ?? registration.waiting;
      if (coming.state === "installing") await new Promise((done) => coming.addEventListener("statechange", done, { once: true }));
      if (coming.state !== "installed") throw new Error(`the service worker of the newest build is ${coming.state}`);
    });
    assert.equal(await page.evaluate(async () => (await caches.keys()).length), 2, "each build is kept apart");
    server.leave();
    await page.reload();
    await lab.ready();
    assert.equal(await manifest(), old);
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

  it("so does a script that the page's own imports", async () => {
    const lab = await Lab.fresh(browser);
    const { page } = lab;
    const late = /\/late-[0-9a-f]+\.js$/;
    const server = await proxy((path) => late.test(path));
    after(() => server.leave());
    const anew = page.waitForResponse((it) => late.test(it.url()) && it.request().resourceType() === "fetch");
    await page.goto(server.url);
    await page.getByRole("alert").filter({ hasText: "The page could not start" }).waitFor();
    await (await anew).finished();
    await page.reload();
    await lab.ready();
    assert.equal(server.spoilt.size, 1, `${[...server.spoilt]}`);
  });
});
