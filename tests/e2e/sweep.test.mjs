// Several runs at once: methods times seeds in parallel workers.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

/** Has a worker close itself in the middle of its first training, before its own file. */
const CLOSES_ITSELF = `
  const post = self.postMessage.bind(self);
  self.postMessage = (message, buffers) => {
    post(message, buffers);
    if (message.text.includes("loss_measured")) self.close();
  };
`;

describe("a sweep", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const opened = async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(`${QUICK}&stages.1.method.id=bct`);
    await lab.page.keyboard.press("w");
    const dialog = lab.page.getByRole("dialog", { name: "Sweep" });
    await dialog.waitFor();
    return { lab, dialog };
  };

  it("runs methods and seeds, shows bands over seeds and keeps the runs", async () => {
    const { lab, dialog } = await opened();
    assert.ok(await dialog.getByRole("checkbox", { name: "BCT", exact: true }).isChecked(), "the method of the form");
    await dialog.getByRole("checkbox", { name: "BT²", exact: true }).check();
    await dialog.getByLabel("Seeds").fill("2");
    await dialog.getByText(/^4 runs of the scenario in the form from seed 1 on/).waitFor();
    await dialog.getByRole("button", { name: "Start", exact: true }).click();
    // The dialog can be closed meanwhile.
    await lab.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await lab.notices.filter({ hasText: "The sweep is over: 4 of 4 finished." }).waitFor({ timeout: 180_000 });
    await lab.page.keyboard.press("w");

    const rows = dialog.getByRole("region", { name: "Runs of the sweep" }).locator("tbody tr");
    assert.deepEqual(await rows.getByRole("rowheader").allInnerTexts(), [
      "BCT, seed 1",
      "BT², seed 1",
      "BCT, seed 2",
      "BT², seed 2",
    ]);
    const scores = dialog.getByRole("region", { name: "Scores side by side" });
    assert.match(await scores.getByRole("row", { name: /^new\/old/ }).innerText(), /\d+\.\d–\d+\.\d, SD \d+\.\d/);
    const chart = dialog.getByRole("img", { name: /^v2\/v1 cross-test, .* their range as a band\. BCT [\d.]+ \(/ });
    await chart.locator("svg polygon").nth(1).waitFor({ state: "attached" });
    // What each group has at a place: the mean over its seeds, with their range.
    const [bands, values] = [dialog.getByRole("slider", { name: "Values of the curves" }), dialog.locator(".values")];
    await bands.press("End");
    await values.waitFor();
    assert.match(
      await bands.getAttribute("aria-valuetext"),
      /^at step \d+: BCT [\d.]+ \([\d.]+ to [\d.]+\), BT² [\d.]+ \([\d.]+ to [\d.]+\)\.$/,
    );
    await lab.page.keyboard.press("Escape");
    await values.waitFor({ state: "hidden" });
    assert.ok(await dialog.isVisible(), "the first Escape is that of the values");
    await chart.hover();
    await values.waitFor();
    assert.match(await values.innerText(), /^at step \d+\s[\s\S]*BCT\s+[\d.]+ \([\d.]+ to [\d.]+\)\s/);
    await dialog.getByRole("img", { name: /^Cross-test against self-test by mAP\. A BCT: .*; B BT²: / }).waitFor();
    await dialog.locator("summary").click();
    const heads = dialog.getByRole("region", { name: "Numbers behind the chart" }).getByRole("columnheader");
    assert.deepEqual((await heads.allInnerTexts()).slice(1, 4), ["BCT", "BCT low", "BCT high"]);

    await dialog.getByRole("button", { name: "Compare in Runs" }).click();
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    const kept = runs.getByRole("region", { name: "Kept runs" }).locator("tbody tr");
    await kept.nth(3).waitFor();
    assert.equal(await kept.getByRole("checkbox", { checked: true }).count(), 4);
    const method = runs.getByRole("region", { name: "Settings that differ" }).getByRole("row", { name: /Method/ });
    assert.deepEqual((await method.locator("td").allInnerTexts()).sort(), ["BCT", "BT²"]);
    assert.deepEqual(lab.errors, []);
  });

  it("takes several values of one number, refuses what is out of bounds and stops on request", async () => {
    const { lab, dialog } = await opened();
    await dialog.getByLabel("Seeds").fill("1");
    await dialog.getByLabel("Parameter").selectOption({ index: 1 });
    const start = dialog.getByRole("button", { name: "Start", exact: true });
    await dialog.getByLabel("Values").fill("0 to 1e9 in 3");
    await dialog.getByText(/is 1000000000, but must lie in 0 to/).waitFor();
    assert.ok(await start.isDisabled());
    await dialog.getByLabel("Values").fill("0 to 2 in 3");
    await dialog.getByText(/^3 runs of the scenario/).waitFor();
    await start.click();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.getByText(/^0 of 3 finished, 3 cancelled\.$/).waitFor();
    assert.ok(await start.isEnabled());
    // The address holds the plan.
    await lab.page.waitForURL(/[#&]view\.sweep\.values=0%20to%202%20in%203(&|$)/);
    const other = await Lab.fresh(browser);
    await other.open(lab.page.url());
    const filled = other.page.getByRole("dialog", { name: "Sweep" });
    await filled.getByText(/^3 runs of the scenario/).waitFor();
    assert.equal(await filled.getByLabel("Values").inputValue(), "0 to 2 in 3");
    assert.deepEqual(lab.errors, []);
  });

  it("names what its runs are of, and says so once the form has become another", async () => {
    const { lab, dialog } = await opened();
    await dialog.getByLabel("Seeds").fill("1");
    await dialog.getByRole("button", { name: "Start", exact: true }).click();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.getByText(/^0 of 1 finished, 1 cancelled\.$/).waitFor();
    await dialog.getByText("Extended class, Fashion-MNIST").waitFor();
    const foreign = dialog.getByText("not the form’s");
    assert.equal(await foreign.count(), 0);
    await dialog.getByLabel("Seeds").fill("2");
    await foreign.waitFor();
    await dialog.getByLabel("Seeds").fill("1");
    await foreign.waitFor({ state: "hidden" });

    await lab.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    const seed = lab.setup.getByLabel("Seed", { exact: true });
    await seed.fill("7");
    await seed.blur();
    await lab.page.keyboard.press("w");
    await foreign.waitFor();
    await dialog.getByText("Extended class, Fashion-MNIST").waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("begins a run anew whose worker is gone, and gives it up where the next one goes, too", async () => {
    const { lab, dialog } = await opened();
    // The first run loses its first worker, the second run both.
    const closing = [true, false, true, true];
    await lab.page.route("**/worker_loader.js", async (route) => {
      const own = await (await route.fetch()).text();
      const body = closing.shift() ? CLOSES_ITSELF + own : own;
      await route.fulfill({ contentType: "text/javascript", body });
    });
    await dialog.getByLabel("Seeds").fill("2");
    await dialog.getByLabel("Workers").fill("1");
    await dialog.getByLabel("Workers").blur();
    await dialog.getByRole("button", { name: "Start", exact: true }).click();
    await dialog.getByText("1 of 2 finished, 1 failed.", { exact: true }).waitFor({ timeout: 180_000 });
    const rows = dialog.getByRole("region", { name: "Runs of the sweep" }).locator("tbody tr");
    const states = await rows.locator("td:nth-child(2)").allInnerTexts();
    assert.match(states[0], /^finished in /);
    assert.match(states[1], /^failed twice: It ended without a word/);
    assert.deepEqual(closing, [], "each was asked for");
    assert.deepEqual(lab.errors, []);
  });
});
