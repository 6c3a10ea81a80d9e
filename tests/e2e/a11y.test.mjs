// The page by the rules of axe, at every place of a run and in every dialog.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { audit } from "./support/axe.mjs";
import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

const LOOKS = {
  "in light colours": { colorScheme: "light" },
  "in dark colours": { colorScheme: "dark" },
  "400 px wide": { viewport: { width: 400, height: 800 } },
};

/** Recorded runs of other kinds of change, with the panels that are opened: learning on, merging, generating. */
const PANELS = {
  stream: ["Tables", "Numbers"],
  merge: ["Tables", "Numbers"],
  reflow: ["Tables", "Numbers", "Exhibits"],
};

describe("axe finds nothing", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  for (const [look, options] of Object.entries(LOOKS)) {
    it(`on the page ${look}`, async () => {
      const first = await Lab.fresh(browser, options);
      await first.visit("");
      // What a transport that stays in sight lies over is there all the same.
      if (options.viewport) await first.unroll();
      // It still grows, so that what stays in sight may come to lie over a part of it again.
      await audit(first, "first paint", { covered: options.viewport !== undefined });
      await first.page.context().close();

      const lab = await Lab.fresh(browser, options);
      await lab.open();
      if (options.viewport) await lab.unroll();
      await audit(lab, "ready");
      await lab.playToTheEnd();
      const fold = lab.setup.getByRole("button", { name: "Show", exact: true });
      if (await fold.isVisible()) await fold.click();
      await audit(lab, "finished run");
      for (const panel of [lab.setup, lab.strips, lab.curves]) {
        for (const tab of await panel.getByRole("tab").all()) {
          await tab.click();
          await audit(lab, await tab.innerText());
        }
      }
      await lab.curves.locator("summary").click();
      await audit(lab, "numbers behind the curves");

      await lab.page.keyboard.press("?");
      await lab.button("Tour: What a method buys").click();
      await lab.page.getByRole("region", { name: "Tour", exact: true }).waitFor();
      await audit(lab, "tour");
      await lab.page.keyboard.press("Escape");
      for (const [key, name] of [["Control+k", "Commands"], ["?", "Shortcuts"], ["l", "Library"], ["w", "Sweep"], ["g", "Runs"], ["q", "Own picture"]]) {
        await lab.page.keyboard.press(key);
        const dialog = lab.page.getByRole("dialog", { name });
        await dialog.waitFor();
        await audit(lab, name);
        await lab.page.keyboard.press("Escape");
        await dialog.waitFor({ state: "hidden" });
      }
      assert.deepEqual(lab.errors, []);
    });

    it(`on tables, numbers and exhibits ${look}`, async () => {
      for (const [preset, titles] of Object.entries(PANELS)) {
        const lab = await Lab.fresh(browser, options);
        await lab.open(`v=2&preset=${preset}&view.panels=${titles.join().toLowerCase()}`);
        const panel = (name) => lab.page.getByRole("region", { name, exact: true });
        const [tables, numbers, exhibits] = ["Tables", "Numbers", "Exhibits"].map(panel);
        await tables.getByRole("table").waitFor();
        await numbers.getByRole("img").locator("svg").waitFor();
        if (titles.includes("Exhibits")) await exhibits.getByRole("img").locator("svg path.points").first().waitFor({ state: "attached" });
        assert.deepEqual(await lab.page.locator("#instruments > .panel > header h2").allInnerTexts(), titles);
        if (options.viewport) await lab.unroll();
        await audit(lab, preset);
        if (titles.includes("Exhibits")) await auditStates(lab, tables, numbers, exhibits);
        assert.deepEqual(lab.errors, []);
      }
    });
  }
});

/** Everything that these panels can be set to. */
async function auditStates(lab, tables, numbers, exhibits) {
  const menu = tables.getByRole("combobox", { name: "Table", exact: true });
  for (const title of await menu.locator("option").allInnerTexts()) {
    await menu.selectOption(title);
    await audit(lab, title);
  }
  for (const over of await numbers.getByRole("group", { name: "Over" }).getByRole("button").all()) {
    await over.click();
    await audit(lab, `over ${await over.innerText()}`);
  }
  await numbers.getByRole("slider", { name: "Values of the curves" }).press("End");
  await numbers.locator(".values").waitFor();
  await audit(lab, "values at a place");
  for (const panel of [numbers, exhibits]) {
    await panel.locator("summary").click();
    await audit(lab, "what is drawn in numbers");
  }
  await tables.getByRole("button", { name: "Other panels than tables" }).click();
  await tables.getByRole("list", { name: "Show in this place" }).waitFor();
  await audit(lab, "other panels");
}
