// Nothing is fetched from another origin, and the page's policy would not allow it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";

import { BASE_URL, launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

describe("privacy", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("asks no other origin for anything in a whole run", async () => {
    const lab = await Lab.fresh(browser);
    const requests = [];
    lab.page.context().on("request", (request) => requests.push(new URL(request.url())));
    await lab.open();
    await lab.playToTheEnd();
    const { origin } = new URL(BASE_URL);
    assert.ok(requests.some((url) => url.pathname.endsWith("data/manifest.json")), "requests of the worker are seen");
    const elsewhere = requests.filter((url) => /^(https?|wss?):$/.test(url.protocol) && url.origin !== origin);
    assert.deepEqual(elsewhere.map(String), []);
    assert.deepEqual(lab.errors, []);
  });

  it("is kept by a policy that refuses other origins", async () => {
    let hits = 0;
    const other = createServer((_, response) => {
      hits += 1;
      response.setHeader("Access-Control-Allow-Origin", "*").end();
    });
    await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
    try {
      const lab = await Lab.fresh(browser);
      await lab.visit();
      const policy = lab.page.locator('meta[http-equiv="Content-Security-Policy"]');
      assert.match(await policy.getAttribute("content"), /default-src 'none'.*connect-src 'self'/);
      const refused = await lab.page.evaluate(async (url) => {
        const violation = new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective), { once: true });
        });
        await fetch(url).catch(() => {});
        return violation;
      }, `http://127.0.0.1:${other.address().port}/`);
      assert.equal(refused, "connect-src");
      assert.equal(hits, 0);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
