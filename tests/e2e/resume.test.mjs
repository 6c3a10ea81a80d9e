// What survives a reload: the run under way, and settings that are in no link.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { BASE_URL, launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

/** Where a run stands that was interrupted while a model trained, in words. */
const WITHIN = /^v2\*, step [1-9]/;

describe("a reload", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** Plays a model and some steps of the next, and pauses: then the run is kept. */
  async function interrupted(lab) {
    await lab.open();
    await lab.page.keyboard.press("m");
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    await lab.button("Step epoch").click();
    await lab.kept(WITHIN);
  }

  const offer = (lab) => lab.notices.filter({ hasText: /^A run was interrupted at / });

  it("lets an interrupted run go on where it was", async () => {
    const plain = await Lab.fresh(browser);
    await plain.open();
    await plain.playToTheEnd();

    const lab = await Lab.fresh(browser);
    await interrupted(lab);
    await lab.page.reload();
    await offer(lab).waitFor();
    await lab.ready();
    assert.match(await offer(lab).innerText(), /interrupted at v2\*, step [1-9]/);
    await offer(lab).getByRole("button", { name: "Resume" }).click();
    await lab.finished();
    assert.deepEqual(await lab.matrix(), await plain.matrix());
    const steps = (await lab.losses()).map(([step]) => step);
    assert.deepEqual(steps, [...steps.keys()].map((at) => at + 1), "each step once");
    await lab.keptNone();
    assert.deepEqual(lab.errors, []);
  });

  it("offers nothing that was discarded or that the link does not ask for", async () => {
    const lab = await Lab.fresh(browser);
    await interrupted(lab);
    await lab.visit(`${QUICK}&seed=9`);
    await lab.page.reload();
    await lab.ready();
    assert.equal(await offer(lab).count(), 0);
    await lab.visit(QUICK);
    await lab.page.reload();
    await offer(lab).getByRole("button", { name: "Discard" }).click();
    await offer(lab).waitFor({ state: "hidden" });
    await lab.keptNone();
  });

  it("is said not to bring a run back that the browser does not keep", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.addInitScript(() => {
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...values) {
        if (this.name === "interrupted") throw new DOMException("the disk is full", "QuotaExceededError");
        return put.apply(this, values);
      };
    });
    await lab.open();
    await lab.page.keyboard.press("m");
    await lab.alerts.filter({ hasText: "does not keep the run under way (the disk is full)" }).waitFor();
  });

  it("of an address without a link brings the last settings back", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    const seed = lab.page.getByLabel("Seed", { exact: true });
    await seed.fill("7");
    await seed.press("Enter");
    await lab.page.waitForURL(/[#&]seed=7(&|$)/);
    await lab.page.goto("about:blank");
    await lab.page.goto(BASE_URL);
    await lab.ready();
    const notice = lab.notices.filter({ hasText: "The settings of your last visit are back." });
    await notice.waitFor();
    assert.equal(await seed.inputValue(), "7");
    await notice.getByRole("button", { name: "Undo" }).click();
    await notice.waitFor({ state: "hidden" });
    assert.equal(await seed.inputValue(), "1");
  });
});
