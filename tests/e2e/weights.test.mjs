// Weights are saved of the run on show or of none, and a finished run gives way to changed settings by the main button and its key.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("weights", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const method = (lab) => lab.setup.getByLabel("Method", { exact: true });
  const model = (lab) => lab.transport.getByRole("button", { name: /^v2 / });

  it("are those of the run on show, under its name, or none with the reason", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.playToTheEnd();

    // Space runs what the form has become.
    await method(lab).selectOption("bct");
    const again = lab.transport.getByRole("button", { name: "Run these settings", exact: true });
    await again.waitFor();
    await lab.page.keyboard.press("Escape");
    await lab.page.evaluate(() => document.activeElement?.blur());
    await lab.page.keyboard.press(" ");
    await lab.onShow.getByText("Extended class, BCT, seed 1", { exact: true }).waitFor();
    await lab.finished();
    await again.waitFor({ state: "hidden" });
    assert.ok(await lab.button("Play").isDisabled(), "the run is the form's");

    await lab.button("Runs").click();
    const rows = lab.page.getByRole("region", { name: "Kept runs" }).locator("tbody tr");
    await rows.nth(1).getByRole("button", { name: "Open" }).click();
    await lab.status.filter({ hasText: /^Opened run$/ }).waitFor();
    await lab.button("Export").click();
    const reason = "The weights here are your own run’s: go back to it to save them.";
    await lab.transport.getByText(reason, { exact: true }).waitFor();
    assert.equal(await model(lab).count(), 0);
    assert.equal(await lab.button("All of them").count(), 0);
    const [events] = await Promise.all([
      lab.page.waitForEvent("download"),
      lab.page.getByRole("button", { name: /^Events of the run/ }).click(),
    ]);
    assert.equal(events.suggestedFilename(), "extended-class-bt2-seed1.events.jsonl");

    await lab.page.keyboard.press("Control+k");
    await lab.page.getByRole("combobox", { name: "Find a command" }).fill("export all");
    const command = lab.page.getByRole("option", { name: /^Export all models/ });
    assert.equal(await command.getAttribute("aria-disabled"), "true");
    assert.ok((await command.innerText()).includes(reason));
    await lab.page.keyboard.press("Escape");

    await lab.button("Back to your run").click();
    await lab.button("Export").click();
    const [weights] = await Promise.all([lab.page.waitForEvent("download"), model(lab).first().click()]);
    assert.match(weights.suggestedFilename(), /^extended-class-bct-seed1-v2\./);
    assert.deepEqual(lab.errors, []);
  });

  it("of a recorded run are not there, and that is said", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    await lab.status.filter({ hasText: /^Recorded run$/ }).waitFor();
    await lab.button("Export").click();
    await lab.transport.getByText("The weights of this run are not here: run it yourself to have them.", { exact: true }).waitFor();
    assert.equal(await model(lab).count(), 0);
    assert.deepEqual(lab.errors, []);
  });
});
