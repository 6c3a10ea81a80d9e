// Settings that change while a run goes on: adjusted without a reset, and those that ask for one.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

describe("a run under way", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("takes another rate in without a reset, and asks for one when shapes change", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.setup.getByRole("tab", { name: "v1", exact: true }).click();
    for (let step = 1; step <= 3; step++) {
      await lab.button("Step batch").click();
      await lab.atStep(step);
    }

    const rate = lab.setup.getByRole("spinbutton", { name: "Learning rate" });
    const reset = lab.setup.getByRole("button", { name: "On show is another run: run these settings" });
    await rate.fill("0.05");
    await rate.blur();
    await lab.chart("Loss");
    const mark = lab.curves.locator("svg .tick");
    await mark.waitFor({ state: "attached" });
    const change = "v1 Learning rate: 0.002 to 0.05";
    assert.equal(await mark.locator("title").textContent(), change);
    assert.equal(await reset.count(), 0);

    await lab.button("Step batch").click();
    await lab.atStep(4);
    await lab.curves.locator("summary").click();
    await lab.curves.getByRole("list", { name: "Changed on the way" }).getByText(`${change} at step 3`).waitFor();
    await lab.curves.locator("summary").click();

    // An undo is a change of its own.
    await lab.setup.getByRole("button", { name: "Undo" }).click();
    await mark.nth(1).waitFor({ state: "attached" });
    assert.equal(await reset.count(), 0);

    const dims = lab.setup.getByRole("spinbutton", { name: "Dims", exact: true });
    await dims.fill("24");
    await dims.blur();
    await reset.click();
    await mark.first().waitFor({ state: "detached" });
    await lab.finished();
    assert.equal(await reset.count(), 0, "the run is the form's");
    assert.deepEqual(lab.errors, []);
  });

  it("names the parts of a step in slow motion, and stops at the end of a model", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.page.getByLabel("Speed").fill("0");
    await lab.play();
    const parts = lab.transport.getByRole("list", { name: "Parts of a step" });
    await parts.waitFor();
    assert.deepEqual(await parts.getByRole("listitem").allInnerTexts(), [
      "draw a batch",
      "losses",
      "backward and update",
      "measure when due",
    ]);
    await parts.locator("[aria-current=step]").waitFor();
    await lab.button("Pause").click();
    await parts.waitFor({ state: "detached" });

    await lab.page.getByLabel("Speed").fill("11");
    await lab.page.getByLabel("Speed").blur();
    await lab.page.keyboard.press("m");
    await lab.status.filter({ hasText: "Paused: v1 is trained" }).waitFor();
    // A trained model has no step to tell of, and the next one has not begun.
    await lab.transport.getByText(/^step \d+ of/).waitFor({ state: "detached" });
    assert.deepEqual(lab.errors, []);
  });
});
