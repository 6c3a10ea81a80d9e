// The first run of a newcomer: open, run, change the method, compare, export. By the keyboard alone, and by touch on a small screen.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { FIREFOX, launch, WEBGPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

/** More elements than any region of the page has on the way of the Tab key. */
const FAR = 250;

describe("a newcomer", { skip: WEBGPU && "covered by the run without WebGPU" }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** Presses Tab until the focus is on this element. Nothing is run in the page for it, which Firefox would keep by the page's rules. */
  async function tabTo(lab, element, key = "Tab") {
    const focused = element.and(lab.page.locator(":focus"));
    for (let at = 0; at < FAR; at++) {
      await lab.page.keyboard.press(key);
      if (await focused.count()) return;
    }
    assert.fail(`The Tab key does not reach ${element}`);
  }

  const table = (lab) => lab.matrixPanel.getByRole("table").innerText();

  /** The list of methods in the form. */
  const method = (lab) => lab.setup.getByLabel("Method", { exact: true });

  it("gets from the first run to exported weights by the keyboard alone", async () => {
    const lab = await Lab.fresh(browser);
    const { keyboard } = lab.page;
    await lab.open(QUICK);
    await tabTo(lab, lab.page.getByRole("button", { name: /^(Play|Run it yourself)$/ }));
    await keyboard.press("Enter");
    await lab.finished();
    const first = await table(lab);

    await tabTo(lab, method(lab), "Shift+Tab");
    await keyboard.type("BCT");
    // A list that is folded in Firefox waits for the answer.
    await keyboard.press("Enter");
    assert.equal(await method(lab).locator("option:checked").innerText(), "BCT");
    await keyboard.press("Escape");
    await tabTo(lab, lab.onShow.getByRole("button", { name: "Run these settings", exact: true }));
    await keyboard.press("Enter");
    await lab.onShow.getByText("Extended class, BCT, seed 1", { exact: true }).waitFor();
    await lab.finished();
    assert.notEqual(await table(lab), first);

    await tabTo(lab, lab.button("Runs"), "Shift+Tab");
    await keyboard.press("Enter");
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    await runs.locator("tbody tr").nth(1).waitFor();
    for (const name of [/^Compare BCT/, /^Compare BT²/]) {
      await tabTo(lab, runs.getByRole("checkbox", { name }));
      await keyboard.press(" ");
    }
    await runs.getByRole("region", { name: "Scores side by side" }).getByRole("row", { name: /^new\/old/ }).waitFor();
    await keyboard.press("Escape");
    await runs.waitFor({ state: "hidden" });

    await tabTo(lab, lab.button("Export"));
    await keyboard.press("Enter");
    await tabTo(lab, lab.transport.getByRole("button", { name: /^v2 / }));
    if (FIREFOX) {
      // It saves without a word to whoever drives it.
      await keyboard.press("Enter");
      await lab.button("All of them").waitFor({ state: "hidden" });
    } else {
      const [download] = await Promise.all([lab.page.waitForEvent("download"), keyboard.press("Enter")]);
      assert.match(download.suggestedFilename(), /^extended-class-bct-seed1-v2\./);
    }
    assert.equal(await lab.alerts.count(), 0);
    assert.deepEqual(lab.errors, []);
  });

  it("gets there by touch on a small screen", { skip: FIREFOX && "Firefox has no touch to simulate" }, async () => {
    const touch = { viewport: { width: 400, height: 800 }, hasTouch: true, isMobile: true };
    const lab = await Lab.fresh(browser, touch);
    await lab.open(QUICK);
    await lab.page.getByRole("button", { name: /^(Play|Run it yourself)$/ }).tap();
    await lab.finished();
    const first = await table(lab);

    await lab.setup.getByRole("button", { name: "Show", exact: true }).tap();
    await method(lab).selectOption("bct");
    await lab.setup.getByRole("button", { name: /run these settings$/ }).tap();
    // Until it begins, the run before is the one that is finished.
    await lab.onShow.getByText("Extended class, BCT, seed 1", { exact: true }).waitFor();
    await lab.finished();
    assert.notEqual(await table(lab), first);

    await lab.button("Runs").tap();
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    for (const place of [0, 1]) await runs.locator("tbody tr").nth(place).getByRole("checkbox").tap();
    await runs.getByRole("region", { name: "Scores side by side" }).getByRole("row", { name: /^new\/old/ }).waitFor();
    await runs.getByRole("button", { name: "Close" }).tap();
    await runs.waitFor({ state: "hidden" });

    await lab.button("More").tap();
    await lab.button("Export").tap();
    const [download] = await Promise.all([
      lab.page.waitForEvent("download"),
      lab.transport.getByRole("button", { name: /^v2 / }).first().tap(),
    ]);
    assert.match(download.suggestedFilename(), /^extended-class-bct-seed1-v2\./);
    assert.deepEqual(lab.errors, []);
  });
});
