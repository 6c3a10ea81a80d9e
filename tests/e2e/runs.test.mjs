// Finished runs: kept over a reload, compared, opened again.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("finished runs", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("are kept, compared and opened", async () => {
    const lab = await Lab.fresh(browser);
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    const rows = runs.getByRole("region", { name: "Kept runs" }).locator("tbody tr");
    const names = () => rows.getByLabel("Name of the run").evaluateAll((inputs) => inputs.map((it) => it.value));
    await lab.open(`${QUICK}&stages.1.method.id=bct`);
    await lab.playToTheEnd();
    const first = await lab.matrix();
    await lab.setup.getByLabel("Method", { exact: true }).selectOption("bt2");
    await lab.button("Reset").click();
    await lab.ready();
    await lab.playToTheEnd();

    await lab.button("Runs").click();
    await rows.nth(1).waitFor();
    const [newer, older] = await names();
    assert.match(newer, /^BT², seed 1$/);
    assert.match(older, /^BCT, seed 1$/);
    for (const place of [0, 1]) await rows.nth(place).getByRole("checkbox").check();
    const settings = runs.getByRole("region", { name: "Settings that differ" });
    const method = await settings.getByRole("row", { name: /Method/ }).locator("td").allInnerTexts();
    assert.deepEqual(method, ["BT²", "BCT"]);
    assert.equal(await settings.getByRole("row", { name: /Epochs/ }).count(), 0, "what is the same is not listed");
    const scores = runs.getByRole("region", { name: "Scores side by side" });
    assert.match(await scores.getByRole("row", { name: /^new\/old/ }).innerText(), /\d+\.\d[\s\S]*\d+\.\d/);
    const plane = runs.getByRole("img");
    await plane.locator("svg text", { hasText: "A BT²" }).waitFor();
    assert.match(await plane.getAttribute("aria-label"), /^Cross-test against self-test by mAP\. A BT², seed 1: [\d.]+ against/);
    // Each point tells its values: by keys from left to right, and under the pointer.
    const values = runs.getByRole("slider", { name: "Values of the runs" });
    await values.press("Home");
    const told = /^([AB]) (BT²|BCT), seed 1: new\/old, mAP in points: [\d.]+; new\/new, mAP in points: [\d.]+\.$/;
    const [, leftmost] = (await values.getAttribute("aria-valuetext")).match(told);
    await values.press("ArrowRight");
    const [, other] = (await values.getAttribute("aria-valuetext")).match(told);
    assert.deepEqual([leftmost, other].sort(), ["A", "B"]);
    await values.press("Escape");
    assert.equal(await values.getAttribute("aria-valuetext"), "no run chosen");
    assert.ok(await runs.isVisible(), "what closes the values leaves the dialog open");
    await plane.hover();
    await runs.locator(".values strong", { hasText: /^[AB] / }).waitFor();
    await runs.getByRole("button", { name: "stored floats" }).click();
    await plane.locator("svg text", { hasText: "floats stored per item" }).waitFor();
    await rows.nth(0).getByLabel("Name of the run").fill("mine");
    await rows.nth(0).getByLabel("Name of the run").press("Enter");
    await plane.locator("svg text", { hasText: "A mine" }).waitFor();

    await lab.page.reload();
    await lab.ready();
    await lab.page.keyboard.press("g");
    await rows.nth(1).waitFor();
    assert.deepEqual(await names(), ["mine", older]);
    await rows.nth(1).getByRole("button", { name: "Open" }).click();
    await runs.waitFor({ state: "hidden" });
    await lab.status.filter({ hasText: "Opened run" }).waitFor();
    await lab.onShow.getByText(`Opened: ${older}`).waitFor();
    assert.deepEqual(await lab.matrix(), first);

    await lab.button("Runs").click();
    await rows.nth(0).getByRole("button", { name: "Remove" }).click();
    assert.deepEqual(await names(), [older]);
    assert.deepEqual(lab.errors, []);
  });
});
