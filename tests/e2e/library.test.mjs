// The library: systems by what they change about a model, found by the words of a problem, run and compared from there.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";
import { misfits } from "./support/layout.mjs";

describe("the library", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** A page with the library open. */
  async function opened(options = {}) {
    const lab = await Lab.fresh(browser, options);
    await lab.open();
    await lab.page.keyboard.press("l");
    const dialog = lab.page.getByRole("dialog", { name: "Library" });
    const field = dialog.getByRole("combobox", { name: "Search the library" });
    await field.waitFor();
    const chosen = dialog.getByRole("option", { selected: true });
    const system = dialog.getByRole("region");
    const shelves = () => dialog.getByRole("listbox").getByRole("group").evaluateAll((all) => all.map((it) => it.querySelector(".name").innerText));
    return { lab, dialog, field, chosen, system, shelves };
  }

  it("has a shelf for each kind of change, and finds one by a problem", async () => {
    const { lab, dialog, field, chosen, system, shelves } = await opened();
    const all = await shelves();
    assert.ok(["New model, old index", "Learning task after task", "One model of several"].every((it) => all.includes(it)), `${all}`);
    for (const [problem, shelf] of [
      ["My model forgets", "Learning task after task"],
      ["I have two models and want one", "One model of several"],
      ["I have a new model and an old index", "New model, old index"],
    ]) {
      const button = dialog.getByRole("button", { name: problem, exact: true });
      await button.click();
      assert.equal(await button.getAttribute("aria-pressed"), "true");
      assert.equal(await field.inputValue(), problem);
      await lab.page.waitForFunction((it) => document.querySelector(".library .title .name").innerText === it, shelf);
      await button.click();
      assert.equal(await field.inputValue(), "");
    }
    await field.fill("Shen backward-compatible");
    await system.getByRole("heading", { name: "BCT", exact: true }).waitFor();
    assert.match(await chosen.innerText(), /^BCT/);
    await system.getByText(/claims hold here|Not judged here yet/).waitFor();
    await field.fill("xylophone");
    await dialog.getByText("No system has these words.").waitFor();
    assert.equal(await system.count(), 0);
    assert.deepEqual(lab.errors, []);
  });

  it("is walked, run and left by the keyboard alone", async () => {
    const { lab, dialog, field, chosen } = await opened();
    const { keyboard } = lab.page;
    const first = await chosen.innerText();
    await keyboard.press("ArrowDown");
    assert.notEqual(await chosen.innerText(), first);
    assert.equal(await field.getAttribute("aria-activedescendant"), await chosen.getAttribute("id"));
    await keyboard.press("ArrowUp");
    await keyboard.press("ArrowUp");
    assert.equal(await field.getAttribute("aria-activedescendant"), await chosen.getAttribute("id"), "around the end");
    await keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await keyboard.press("l");
    await field.waitFor();
    // No scenario shows it, so it takes the place of the method in the form.
    await keyboard.type("darkrank");
    await dialog.getByText("Runs the scenario in the form with it as the method of v2.").waitFor();
    await keyboard.press("Enter");
    await dialog.waitFor({ state: "hidden" });
    await lab.page.waitForURL(/[#&]stages\.1\.method\.id=darkrank(&|$)/);
    await lab.finished();
    assert.match(await lab.timeline.innerText(), /via DarkRank/);
    assert.deepEqual(lab.errors, []);
  });

  it("puts a system beside others in a sweep", async () => {
    const { lab, dialog, field, system } = await opened();
    await field.fill("OCA");
    await system.getByRole("heading", { name: "OCA", exact: true }).waitFor();
    await system.getByRole("button", { name: "Compare" }).click();
    const sweep = lab.page.getByRole("dialog", { name: "Sweep" });
    const box = (name) => sweep.getByRole("checkbox", { name, exact: true });
    await box("OCA").waitFor();
    assert.ok((await box("OCA").isChecked()) && (await box("BT²").isChecked()), "beside the method of the form");
    // What only merges has no place in a scenario of two models.
    assert.equal(await box("Fisher merging").count(), 0);
    await lab.page.keyboard.press("Escape");

    await lab.page.keyboard.press("l");
    await field.fill("EWC");
    await system.getByRole("heading", { name: "EWC", exact: true }).waitFor();
    await dialog.getByText("Opens the scenario Five tasks with it as the method of v2 to v5.").waitFor();
    await lab.page.keyboard.press("Escape");
    assert.deepEqual(lab.errors, []);
  });

  it("has a way in beside the scenario, and keeps to the kind of the run on show", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("v=2&preset=stream");
    await lab.timeline.getByText("task 5", { exact: false }).waitFor();
    const titles = lab.page.locator("#instruments > .panel:visible > header h2");
    await lab.page.waitForFunction(() => document.querySelector("#instruments > .tables") !== null);
    assert.equal((await titles.allInnerTexts())[0], "Tables");
    await lab.setup.getByRole("button", { name: "Library", exact: true }).click();
    const dialog = lab.page.getByRole("dialog", { name: "Library" });
    await dialog.getByRole("combobox").waitFor();
    await lab.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });

    await lab.page.keyboard.press("?");
    await lab.button("Tour: Learning task after task").click();
    const card = lab.page.getByRole("region", { name: "Tour", exact: true });
    await card.getByRole("heading", { name: "One task after another" }).waitFor();
    await lab.page.waitForURL(/&view\.tour=stream\.1$/);
    await card.getByText("Done:").waitFor();
    assert.deepEqual(lab.errors, []);
  });

  for (const viewport of [{ width: 1280, height: 800 }, { width: 400, height: 800 }]) {
    it(`fits a page ${viewport.width} px wide, light and dark`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        const { lab, dialog, field, system } = await opened({ viewport, colorScheme, reducedMotion: "reduce" });
        await field.fill("BCT");
        await system.getByRole("heading", { name: "BCT", exact: true }).waitFor();
        const { x, y, width, height } = await dialog.boundingBox();
        assert.ok(x >= 0 && y >= 0 && x + width <= viewport.width && y + height <= viewport.height);
        const run = await system.getByRole("button", { name: "Run it" }).boundingBox();
        assert.ok(run.y + run.height <= viewport.height, "the way on is in sight");
        await lab.unroll();
        assert.deepEqual(await misfits(lab.page), []);
        await lab.page.context().close();
      }
    });
  }
});
