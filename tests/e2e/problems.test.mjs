// Problems in a reader's own words lead to what there is for them; and each further family refuses what cannot be, with the bound.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

/** Few items of each class: what is looked at here is not how well anything learns. */
const FEW = "data.train_per_class=40&data.test_per_class=20";

/**
 * Of each family: a number beyond its bounds, the one that it is brought to and what is said of it; and numbers that are all within theirs
 * and cannot go together, with the reason.
 */
const FAMILIES = {
  stream: {
    beyond: ["stages.1.method.values.distance", 9, 1],
    said: "Nearest by is 9, but must lie in 0 to 1; 1 is used.",
    impossible: "stages.1.sees.first=9",
    reason: "the first class of a stage is number 9, counted from 0, but it sees only the first 4; choose at most 3",
  },
  merge: {
    beyond: ["stages.3.method.values.lambda", 7, 1],
    said: "Share λ of the first is 7, but must lie in 0 to 1; 1 is used.",
    impossible: "stages.3.dims=16",
    reason: "Fisher merging has the dims of its parents, but one has 32 and the stage 16; choose 32.",
  },
  poisoned: {
    beyond: ["data.values.tampered_share", 3, 0.5],
    said: "Tampered share is 3, but must lie in 0 to 0.5; 0.5 is used.",
    impossible: "stages.2.classes=5",
    reason: "it knows 10 classes, the new stage 5; choose 10.",
  },
  drift: {
    beyond: ["stages.1.sees.stream_batch", 1000, 128],
    said: "Batch of the stream is 1000, but must lie in 1 to 128; 128 is used.",
    impossible: "stages.2.dims=16",
    reason: "keeps its embedding: the one before has 32 dims, the stage 16; choose 32.",
  },
  parity: {
    beyond: ["data.values.asked", 9000, 256],
    said: "Test sequences is 9000, but must lie in 2 to 256; 256 is used.",
    impossible: "data.values.shortest=40",
    reason: "Parity cannot be made like this: the shortest length is 40; choose 1 to 20.",
  },
  reflow: {
    beyond: ["data.values.spread", 9, 0.5],
    said: "Spread is 9, but must lie in 0.02 to 0.5; 0.5 is used.",
    impossible: "stages.1.encoder.values.hidden=64",
    reason: "Reflow goes on from the weights of the model before: that has mlp with depth 3, hidden 128, the new stage mlp with depth 3, hidden 64; choose mlp with depth 3, hidden 128.",
  },
};

describe("a problem", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("typed into the library leads to systems that can be run", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.page.keyboard.press("l");
    const dialog = lab.page.getByRole("dialog", { name: "Library" });
    const field = dialog.getByRole("combobox", { name: "Search the library" });
    await field.waitFor();
    for (const [words, shelf, scenario] of [
      ["delete a customer's data", "Unlearning", "Poisoned data"],
      ["the camera changed", "Adapting in use", "The camera changed"],
    ]) {
      await field.fill("");
      await lab.page.keyboard.type(words);
      assert.equal(await field.inputValue(), words);
      await lab.page.waitForFunction((it) => document.querySelector(".library .title .name")?.innerText === it, shelf);
      const group = dialog.getByRole("group", { name: shelf, exact: true });
      assert.ok((await group.getByRole("option").count()) > 0, `${shelf} is empty`);
      const chosen = group.getByRole("option", { selected: true });
      const name = await chosen.locator(".label").innerText();
      const system = dialog.getByRole("region", { name, exact: true });
      assert.ok(await system.getByRole("button", { name: "Run it" }).isEnabled());
      await system.getByText(new RegExp(`^Opens the scenario ${scenario}`)).waitFor();
      await dialog.getByText(/^\d+ systems?\.$/).waitFor();
    }
    assert.deepEqual(lab.errors, []);
  });
});

describe("an impossible setting", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  for (const [preset, { beyond: [path, much, most], said, impossible, reason }] of Object.entries(FAMILIES)) {
    it(`of ${preset} is brought within its bounds, which are said, or refused with the reason`, async () => {
      const lab = await Lab.fresh(browser);
      await lab.visit(`v=2&preset=${preset}&${FEW}&${path}=${much}`);
      await lab.notices.filter({ hasText: said }).waitFor();
      await lab.ready();
      const settled = new URLSearchParams(new URL(lab.page.url()).hash.slice(1)).get(path);
      assert.equal(Number(settled), most, lab.page.url());
      await lab.button("Step batch").click();
      await lab.atStep(1);
      await lab.status.filter({ hasText: "Paused: training v1" }).waitFor();
      assert.equal(await lab.dialog.count(), 0);
      assert.doesNotMatch(await lab.page.locator("body").innerText(), /\bNaN\b/);

      const other = await Lab.fresh(browser);
      await other.visit(`v=2&preset=${preset}&${FEW}&${impossible}`);
      await other.dialog.waitFor();
      const words = await other.dialog.innerText();
      assert.match(words, /^This scenario cannot run/);
      assert.ok(words.includes(reason), words);
      await other.dialog.getByRole("button", { name: "Back to the settings" }).click();
      await other.dialog.waitFor({ state: "hidden" });
      // As it ships it runs, and was run.
      await other.page.evaluate((preset) => (location.hash = `#v=2&preset=${preset}`), preset);
      await other.status.filter({ hasText: /^Recorded run$/ }).waitFor();
      for (const { errors } of [lab, other]) assert.deepEqual(errors, []);
    });
  }
});
