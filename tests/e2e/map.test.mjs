// The map as an instrument: a lasso, what it selects elsewhere, and the moment on show.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("map", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("selects by lasso or class, morphs, and follows the moment on show", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
    const canvas = lab.map.getByRole("img");
    const selected = lab.strips.getByRole("button", { name: /^selected \d+$/ });
    const count = async () => Number((await selected.innerText()).match(/\d+/)[0]);
    assert.equal(await count(), 0);

    // Around nearly everything, then a class of it.
    const { x, y, width, height } = await canvas.boundingBox();
    await lab.page.mouse.move(x + 4, y + 4);
    await lab.page.mouse.down();
    for (const [right, down] of [[width - 4, 4], [width - 4, height - 4], [4, height - 4]]) {
      await lab.page.mouse.move(x + right, y + down, { steps: 4 });
    }
    await lab.page.mouse.up();
    const words = lab.map.getByRole("status");
    await words.filter({ hasText: /^\d+ items: .* among them: old\/old [\d.]+, new\/old [\d.]+\.$/ }).waitFor();
    const all = await count();
    assert.ok(all > 0);
    await selected.click();
    assert.equal(await selected.getAttribute("aria-pressed"), "true");
    await lab.strips.getByRole("listitem", { name: /^old\/old/ }).waitFor();
    await lab.map.getByLabel("Select class").selectOption({ index: 1 });
    await words.filter({ hasText: /^20 items: 20 / }).waitFor();
    const some = await count();
    assert.ok(some > 0 && some < all, `${some} of ${all}`);
    await lab.page.keyboard.press("Escape");
    await words.waitFor({ state: "hidden" });
    assert.equal(await count(), 0);
    assert.equal(await selected.getAttribute("aria-pressed"), "false", "back to all queries");

    const caption = () => canvas.getAttribute("aria-label");
    const step = async () => Number((await caption()).match(/at step (\d+)/)[1]);
    const last = await step();
    // Another query is picked, and joined with what it finds.
    await lab.page.keyboard.press("j");
    await lab.map.getByText(/found in the original space/).waitFor();
    assert.match(await caption(), /under new\/old \(solid\) and old\/old \(dashed\), found in the original space/);
    await lab.map.getByRole("button", { name: "morph" }).and(lab.page.locator("[aria-pressed]")).click();
    await lab.map.getByLabel("From old to new places").fill("0.4");
    assert.match(await caption(), /^40\s?% of the straight way in the plane from v1 to v2 at step/);

    // Back past the last live measurement; the address and the curves keep up.
    await lab.page.locator("main").focus();
    for (let back = 0; back < 20 && (await step()) === last; back += 1) await lab.page.keyboard.press("[");
    assert.ok((await step()) < last, "an earlier moment");
    await lab.page.waitForFunction(() => location.hash.includes("view.at="));
    await lab.page.keyboard.press("\\");
    await lab.page.waitForFunction(() => !location.hash.includes("view.at="));
    assert.equal(await step(), last);

    // A click in the curves goes back, too.
    await lab.chart("Retrieval");
    const chart = await lab.curves.getByRole("img").boundingBox();
    await lab.page.mouse.click(chart.x + chart.width / 2, chart.y + chart.height / 2);
    await lab.transport.getByText(/^Back at v2, step \d+/).waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("shows the prototypes of both heads where they can be compared with what is stored, and hides them", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(`${QUICK}&stages.0.method.id=simplex&stages.1.method.id=simplex`);
    await lab.playToTheEnd();
    const canvas = lab.map.getByRole("img");
    const legend = /Prototypes: \u25c7 v1, fixed; \u25c6 v2, fixed\./;
    assert.match(await canvas.getAttribute("aria-label"), legend);
    const picture = () => canvas.evaluate((canvas) => canvas.toDataURL());
    const before = await picture();
    const box = lab.map.getByRole("checkbox", { name: "Prototypes" });
    await box.uncheck();
    assert.doesNotMatch(await canvas.getAttribute("aria-label"), legend);
    assert.notEqual(await picture(), before);
    await box.check();
    assert.match(await canvas.getAttribute("aria-label"), legend);
    assert.deepEqual(lab.errors, []);
  });
});
