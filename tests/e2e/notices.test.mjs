// Messages: which of them leave by themselves, and what becomes of many.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

/** More than any message stays that asks for nothing. */
const LONG = "10:00";

/** Runs in the browser: whether nothing lies over the middle of an element. */
function isSeen(it) {
  const { left, right, top, bottom } = it.getBoundingClientRect();
  return it.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}

describe("messages", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** Puts the page's clock into the hands of a test. The ids of its timers do not fit into the 32 bits that the page has for them. */
  async function hold({ page }) {
    await page.clock.install();
    await page.addInitScript(() => {
      const [{ setTimeout, clearTimeout }, ids] = [globalThis, [0]];
      globalThis.setTimeout = (...given) => ids.push(setTimeout(...given)) - 1;
      globalThis.clearTimeout = (id) => clearTimeout(ids[id]);
    });
  }

  /** Opens a file that holds nothing, which is an alarming message that names it. */
  async function refused(lab, name) {
    await lab.import([[name, Buffer.from("no events")]]);
    const message = lab.alerts.filter({ hasText: `${name} cannot be shown: ` });
    await message.waitFor();
    return message;
  }

  it("that need no answer leave by themselves unless a pointer is on them, those that do stay", async () => {
    const lab = await Lab.fresh(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    const { clock } = lab.page;
    await hold(lab);
    await lab.open();
    await lab.page.keyboard.press("m");
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    await lab.button("Step epoch").click();
    await lab.kept(/^v2\*, step [1-9]/);
    await lab.page.reload();
    const offer = lab.notices.filter({ hasText: /^A run was interrupted at / });
    await offer.waitFor();
    await lab.ready();
    const wrong = await refused(lab, "broken.jsonl");
    await lab.button("Copy link").click();
    const copied = lab.notices.filter({ hasText: "The link to this scenario was copied." });
    await copied.waitFor();

    await copied.hover();
    await clock.fastForward(LONG);
    await lab.settled();
    assert.equal(await copied.count(), 1, "it is being read");
    await lab.page.mouse.move(2, 2);
    await clock.fastForward(LONG);
    await copied.waitFor({ state: "detached" });
    await clock.fastForward(LONG);
    await lab.settled();
    assert.equal(await offer.count(), 1);
    assert.equal(await wrong.count(), 1);
    await wrong.getByRole("button", { name: "Dismiss" }).click();
    await wrong.waitFor({ state: "detached" });
    await offer.getByRole("button", { name: "Discard" }).click();
    await offer.waitFor({ state: "detached" });
    assert.deepEqual(lab.errors, []);
  });

  it("stand in a dialog that is open, and their time begins once it is closed", async () => {
    const viewport = { width: 360, height: 740 };
    const lab = await Lab.fresh(browser, { viewport, permissions: ["clipboard-read", "clipboard-write"] });
    const { clock, keyboard } = lab.page;
    await hold(lab);
    await lab.open();
    await keyboard.press("w");
    const dialog = lab.page.getByRole("dialog", { name: "Sweep" });
    const close = dialog.getByRole("button", { name: "Close", exact: true });
    await dialog.getByRole("button", { name: "Copy link", exact: true }).click();
    const copied = lab.notices.filter({ hasText: "The link to this scenario was copied." });
    await copied.waitFor();
    for (const it of [copied, copied.getByRole("button", { name: "Dismiss" }), close]) {
      assert.ok(await it.evaluate(isSeen), await it.innerText());
    }
    assert.equal(await dialog.getByRole("region", { name: "Messages" }).count(), 1);
    await clock.fastForward(LONG);
    await lab.settled();
    assert.equal(await copied.count(), 1, "it waits for what comes after the dialog");
    await close.click();
    await dialog.waitFor({ state: "hidden" });
    // Where the button was that closed the dialog, the message may lie now: it waits for whom points at it.
    await lab.page.mouse.move(1, 1);
    await lab.settled();
    assert.ok(await copied.evaluate(isSeen), "it is back above the transport");
    await clock.fastForward(LONG);
    await copied.waitFor({ state: "detached" });

    // What is dismissed in a dialog is gone.
    await keyboard.press("w");
    await dialog.getByRole("button", { name: "Copy link", exact: true }).click();
    await copied.getByRole("button", { name: "Dismiss" }).click();
    await copied.waitFor({ state: "detached" });
    await close.click();
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await copied.count(), 0);
    assert.deepEqual(lab.errors, []);
  });

  for (const viewport of [{ width: 1280, height: 800 }, { width: 400, height: 800 }]) {
    it(`of which there are more than three fold, above the transport, at ${viewport.width} px`, async () => {
      const lab = await Lab.fresh(browser, { viewport });
      await lab.open();
      const texts = async () => (await lab.alerts.allInnerTexts()).map((text) => text.match(/^broken-\d/)[0]);
      const inPlace = async () => {
        const messages = await lab.page.getByRole("region", { name: "Messages" }).boundingBox();
        const transport = await lab.transport.boundingBox();
        const told = JSON.stringify({ messages, transport });
        assert.ok(messages.y >= 0 && messages.y + messages.height <= transport.y, told);
        assert.ok(messages.x >= 0 && messages.x + messages.width <= viewport.width, told);
      };
      for (const at of [1, 2, 3]) await refused(lab, `broken-${at}.jsonl`);
      assert.deepEqual(await texts(), ["broken-1", "broken-2", "broken-3"]);
      assert.equal(await lab.page.getByRole("button", { name: /^\d+ earlier$/ }).count(), 0);
      for (const at of [4, 5]) await refused(lab, `broken-${at}.jsonl`);
      await lab.button("2 earlier").waitFor();
      assert.deepEqual(await texts(), ["broken-3", "broken-4", "broken-5"], "the newest");
      await inPlace();
      await lab.button("2 earlier").press("Enter");
      await lab.button("2 earlier").waitFor({ state: "hidden" });
      assert.deepEqual(await texts(), ["broken-1", "broken-2", "broken-3", "broken-4", "broken-5"]);
      await inPlace();
      for (let left = 5; left > 0; left--) {
        assert.equal(await lab.alerts.count(), left);
        await lab.alerts.first().getByRole("button", { name: "Dismiss" }).click();
      }
      assert.equal(await lab.alerts.count(), 0);
      // Whoever unfolded them once is not taken to want that for ever.
      for (const at of [1, 2, 3, 4]) await refused(lab, `broken-${at}.jsonl`);
      await lab.button("1 earlier").waitFor();
      assert.deepEqual(lab.errors, []);
    });
  }
});
