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

  /** Presses Tab until the focus is on what is called so. */
  async function tabTo(lab, name) {
    const called = () =>
      lab.page.evaluate(() => {
        const it = document.activeElement;
        return (it?.getAttribute("aria-label") ?? it?.labels?.[0]?.textContent ?? it?.textContent ?? "").trim();
      });
    for (let at = 0; at < FAR; at++) {
      await lab.page.keyboard.press("Tab");
      if (name.test(await called())) return;
    }
    assert.fail(`The Tab key does not reach ${name}`);
  }

  /** Chooses another method in the form: the first letters of its name, on the list that has the focus. */
  const method = (lab) => lab.setup.getByLabel("Method", { exact: true });

  it("gets from the first run to exported weights by the keyboard alone", async () => {
    const lab = await Lab.fresh(browser);
    const { keyboard } = lab.page;
    await lab.open(QUICK);
    await tabTo(lab, /^(Play|Run it yourself)$/);
    await keyboard.press("Enter");
    await lab.finished();
    const first = await lab.matrix();

    await tabTo(lab, /^Method$/);
    await keyboard.type("BCT");
    // A list that is folded in Firefox waits for the answer.
    await keyboard.press("Enter");
    assert.equal(await method(lab).locator("option:checked").innerText(), "BCT");
    await keyboard.press("Escape");
    await tabTo(lab, /^Run these settings$/);
    await keyboard.press("Enter");
    await lab.onShow.getByText("Extended class, BCT, seed 1", { exact: true }).waitFor();
    await lab.finished();
    assert.notDeepEqual(await lab.matrix(), first);

    await tabTo(lab, /^Runs$/);
    await keyboard.press("Enter");
    const runs = lab.page.getByRole("dialog", { name: "Runs" });
    await runs.locator("tbody tr").nth(1).waitFor();
    for (const name of [/^Compare BCT/, /^Compare BT²/]) {
      await tabTo(lab, name);
      await keyboard.press(" ");
    }
    await runs.getByRole("region", { name: "Scores side by side" }).getByRole("row", { name: /^new\/old/ }).waitFor();
    await keyboard.press("Escape");
    await runs.waitFor({ state: "hidden" });

    await tabTo(lab, /^Export$/);
    await keyboard.press("Enter");
    await tabTo(lab, /^v2\s*\d/);
    const [download] = await Promise.all([lab.page.waitForEvent("download"), keyboard.press("Enter")]);
    assert.match(download.suggestedFilename(), /^extended-class-seed1-v2\./);
    assert.deepEqual(lab.errors, []);
  });

  it("gets there by touch on a small screen", { skip: FIREFOX && "Firefox has no touch to simulate" }, async () => {
    const touch = { viewport: { width: 400, height: 800 }, hasTouch: true, isMobile: true };
    const lab = await Lab.fresh(browser, touch);
    await lab.open(QUICK);
    await lab.page.getByRole("button", { name: /^(Play|Run it yourself)$/ }).tap();
    await lab.finished();
    const first = await lab.matrix();

    await lab.setup.getByRole("button", { name: "Show", exact: true }).tap();
    await method(lab).selectOption("bct");
    await lab.setup.getByRole("button", { name: /run these settings$/ }).tap();
    await lab.finished();
    assert.notDeepEqual(await lab.matrix(), first);

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
    assert.match(download.suggestedFilename(), /^extended-class-seed1-v2\./);
    assert.deepEqual(lab.errors, []);
  });
});
