// A tour follows what the reader does, from the list of shortcuts to its end, and can be left, linked and resumed.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("a tour", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("leads through the operation of the index", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(`${QUICK}&stages.1.method.id=bct`);
    await lab.playToTheEnd();
    const card = lab.page.getByRole("region", { name: "Tour", exact: true });
    const press = (name) => card.getByRole("button", { name, exact: true }).click();
    const row = lab.page.getByRole("region", { name: "Operation of the index" });
    const share = row.getByRole("slider", { name: "Backfill" });
    const act = (name) => row.getByRole("button", { name: new RegExp(`^${name}`) }).click();
    const starter = lab.button("Shortcuts");

    await starter.focus();
    await starter.press("Enter");
    await lab.button("Tour: Running the upgrade").click();
    await card.getByRole("heading", { name: "An index in use" }).waitFor();
    await lab.page.waitForFunction(() => document.activeElement.matches(".tour"));
    await lab.page.waitForURL(/&view\.tour=operation\.1$/);
    await press("Next");

    await card.getByRole("button", { name: "Skip" }).waitFor();
    await act("Deploy v2");
    const anyway = row.getByRole("button", { name: /^Deploy v2 anyway/ });
    if (await anyway.isVisible()) await anyway.click();
    await card.getByText("Done:").waitFor();
    await press("Next");
    await act("Dual-write");
    await press("Next");
    const [inner, outer] = [await card.boundingBox(), await row.boundingBox()];
    assert.ok(inner.y >= outer.y + outer.height, "the card does not cover what it speaks of");
    await share.fill("50");
    await press("Next");

    // Left, and gone on with where it was.
    await card.focus();
    await lab.page.keyboard.press("Escape");
    await card.waitFor({ state: "hidden" });
    await lab.page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "Shortcuts");
    assert.doesNotMatch(lab.page.url(), /view\.tour/);
    await lab.page.keyboard.press("Control+k");
    await lab.page.keyboard.type("tour running");
    await lab.page.keyboard.press("Enter");
    await card.getByRole("heading", { name: "Cut over" }).waitFor();
    await share.fill("100");
    await act("Cut over");
    await press("Next");
    await act("Roll back");
    await press("Finish");
    await card.waitFor({ state: "hidden" });

    const linked = await Lab.fresh(browser);
    await linked.visit("v=2&preset=extended-class&view.tour=breaks.2");
    await linked.page.getByRole("heading", { name: "Better on average, worse for some" }).waitFor();
    for (const { errors } of [lab, linked]) assert.deepEqual(errors, []);
  });
});
