// The upgrade as its operator lives it: deploy, backfill, cut over, roll back.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("the operation of the index", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** A finished run under a method, with what one can do and read in its operation. */
  async function operation(method) {
    const lab = await Lab.fresh(browser);
    await lab.open(`${QUICK}&stages.1.method.id=${method}`);
    const row = lab.page.getByRole("region", { name: "Operation of the index" });
    assert.equal(await row.count(), 0, "there is no index before v1 is trained");
    await lab.playToTheEnd();
    // By keyboard, since what cannot be done yet is only marked so: it says why when it is pressed.
    const press = (name) => row.getByRole("button", { name: new RegExp(`^${name}`) }).press("Enter");
    const says = (text) => row.getByText(text).first().waitFor();
    const map = async () => Number((await row.locator("b").innerText()).match(/mAP ([\d.]+)/)[1]);
    return { lab, row, press, says, map, share: row.getByRole("slider", { name: "Backfill" }) };
  }

  it("goes from deployment over dual-write and backfill to the cut-over, and back", async () => {
    const { lab, row, press, says, map, share } = await operation("bct");
    const cells = await lab.matrix();
    const score = (pair) => Number(cells[pair].match(/\d+\.\d/)[0]);
    assert.equal(await map(), score("v1/v1"));
    await press("Cut over");
    await says("Deploy v2 first.");

    await press("Deploy v2");
    // Too short a training may leave the models incompatible, which is asked about.
    const anyway = row.getByRole("button", { name: /^Deploy v2 anyway/ });
    if (await anyway.isVisible()) await anyway.click();
    await says(/200 by v1, all stale/);
    assert.equal(await map(), score("v2/v1"));
    await press("Dual-write");
    await row.getByRole("button", { name: "Dual-write", pressed: true }).waitFor();

    await share.fill("50");
    await says(/100 by v1 \(50 % stale\), 100 by v2/);
    await says(/100 re-embedded, [\d.]+ kB, .* of it twice/);
    assert.equal(await share.getAttribute("aria-valuetext"), "50 % re-embedded");
    await press("Cut over");
    await says("Cut over after the backfill is done: 50 % of the items are still by v1.");

    await share.focus();
    for (let tenth = 5; tenth < 10; tenth += 1) await lab.page.keyboard.press("ArrowRight");
    await says("The backfill is done: v2 can be cut over to.");
    await press("Cut over");
    assert.equal(await map(), score("v2/v2"));
    await press("Roll back");
    await says("Back to v1, whose vectors were all there.");
    assert.equal(await map(), score("v1/v1"));

    await lab.button("Reset").click();
    await row.waitFor({ state: "detached" });
    assert.deepEqual(lab.errors, []);
  });

  it("does not mix incompatible models silently, nor drop old vectors", async () => {
    const { lab, press, says, share } = await operation("independent");
    await press("Deploy v2");
    await says(/Mixed anyway\?/);
    await says(/200 by v1$/);
    await press("Deploy v2 anyway");
    await says(/Mixed all the same\./);
    await share.fill("100");
    await press("Roll back");
    await says(/Without dual-write v1 has to embed 200 items again, .* Roll back anyway\?/);
    await press("Roll back anyway");
    await says("Back to v1, which embedded 200 items again.");
    assert.deepEqual(lab.errors, []);
  });

  it("names its steps in a chain, too, where the stages leave little room", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("v=2&preset=chain");
    const row = lab.page.getByRole("region", { name: "Operation of the index" });
    for (const name of ["Deploy v2", "Cut over", "Roll back"]) {
      await row.getByRole("button", { name: new RegExp(`^${name}`) }).waitFor();
    }
  });
});
