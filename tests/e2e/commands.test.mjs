// The command palette, undo and redo, and links that show the instruments alone.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { BASE_URL, launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("commands", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const seed = (lab) => lab.page.getByLabel("Seed", { exact: true });

  it("are found and run by the keyboard alone", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    const { keyboard } = lab.page;
    const palette = lab.page.getByRole("dialog", { name: "Commands" });
    const field = palette.getByRole("combobox");

    await seed(lab).focus();
    await keyboard.press("Control+k");
    await field.waitFor();
    await keyboard.type("step b");
    const option = palette.getByRole("option", { selected: true });
    assert.match(await option.innerText(), /^Step batch/);
    assert.equal(await field.getAttribute("aria-activedescendant"), await option.getAttribute("id"));
    await keyboard.press("Enter");
    await palette.waitFor({ state: "hidden" });
    await lab.atStep(1);
    assert.ok(await seed(lab).evaluate((input) => input === document.activeElement), "the focus is back");

    await keyboard.press("Control+k");
    await keyboard.type("start from");
    await keyboard.press("ArrowDown");
    const name = (await palette.getByRole("option", { selected: true }).locator(".label").innerText()).slice(11);
    await keyboard.press("Enter");
    await palette.waitFor({ state: "hidden" });
    assert.equal(await lab.setup.getByLabel("Scenario", { exact: true }).locator("option:checked").innerText(), name);

    await keyboard.press("Control+k");
    await field.waitFor();
    await keyboard.press("Escape");
    await palette.waitFor({ state: "hidden" });
    await seed(lab).blur();
    await keyboard.press("?");
    const sheet = lab.page.getByRole("dialog", { name: "Shortcuts" });
    await sheet.getByLabel("Search the shortcuts").fill("undo");
    assert.deepEqual(await sheet.getByRole("rowheader").allInnerTexts(), ["Undo", "Redo"]);
    await keyboard.press("Escape");
    await sheet.waitFor({ state: "hidden" });
    assert.deepEqual(lab.errors, []);
  });

  it("take changes of the settings back and make them again", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    const start = lab.page.url();
    assert.ok(await lab.button("Undo").isDisabled());
    await seed(lab).fill("7");
    await seed(lab).press("Enter");
    await lab.page.waitForURL(/[#&]seed=7(&|$)/);
    await seed(lab).blur();
    await lab.page.keyboard.press("Control+z");
    await lab.page.waitForURL(start);
    assert.equal(await seed(lab).inputValue(), "1");
    await lab.button("Redo").click();
    await lab.page.waitForURL(/[#&]seed=7(&|$)/);
    assert.equal(await seed(lab).inputValue(), "7");

    // The browser's way back is the same change, taken back.
    await lab.page.goBack();
    await lab.page.waitForURL(start);
    await lab.button("Redo").click();
    await lab.page.waitForURL(/[#&]seed=7(&|$)/);
    assert.ok(await lab.button("Redo").isDisabled());
    assert.deepEqual(lab.errors, []);
  });

  it("give one instrument all the room, and take it back", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    const panels = [lab.matrixPanel, lab.strips, lab.curves, lab.map];
    const shown = async () => Promise.all(panels.map((panel) => panel.isVisible()));
    const small = await lab.map.boundingBox();
    for (const [at] of panels.entries()) {
      await lab.page.keyboard.press(`${at + 1}`);
      assert.deepEqual(await shown(), panels.map((_, place) => place === at));
    }
    const large = await lab.map.boundingBox();
    assert.ok(large.width > 1.5 * small.width && large.height > 1.5 * small.height, JSON.stringify({ small, large }));
    await lab.page.waitForURL(/[#&]view\.large=map(&|$)/);
    await lab.page.reload();
    const enlarge = lab.map.getByRole("button", { name: "Enlarge map" });
    assert.equal(await enlarge.getAttribute("aria-pressed"), "true");
    assert.deepEqual(await shown(), [false, false, false, true]);
    await enlarge.click();
    await lab.matrixPanel.waitFor();
    assert.deepEqual(await shown(), [true, true, true, true]);
    await lab.page.keyboard.press("3");
    await lab.page.keyboard.press("Escape");
    assert.deepEqual(await shown(), [true, true, true, true]);
    // The worker may not have said yet what an address can hold.
    await lab.page.waitForURL((url) => !url.hash.includes("view."));
    assert.deepEqual(lab.errors, []);
  });

  it("leave the instruments alone on the page where a link asks for it", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.goto(`${BASE_URL}#${QUICK}&view.hide=setup,timeline,transport`);
    await lab.matrixPanel.waitFor();
    for (const region of [lab.setup, lab.transport]) assert.equal(await region.isVisible(), false);
    await lab.button("Play").click();
    await lab.button("Pause").waitFor();
    await lab.button("Show controls").click();
    await lab.transport.waitFor();
    assert.ok(await lab.setup.isVisible());
    assert.doesNotMatch(lab.page.url(), /view\./);
    assert.equal(await lab.notices.filter({ hasText: "link" }).count(), 0);
    assert.deepEqual(lab.errors, []);
  });
});
