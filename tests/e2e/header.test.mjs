// What is under way and what cannot be done say so where they stand: the sweep at its button, the dimmed steps of an upgrade.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("the button of the sweep", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("opens it, and says how far it is until it is over", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(`${QUICK}&stages.1.method.id=bct`);
    const dialog = lab.page.getByRole("dialog", { name: "Sweep" });
    await lab.button("Sweep").click();
    await dialog.getByLabel("Seeds").fill("2");
    await dialog.getByText(/^2 runs of the scenario in the form from seed 1 on/).waitFor();

    // Its workers wait for their program until they are let go.
    let letGo;
    const gate = new Promise((resolve) => (letGo = resolve));
    await lab.page.route("**/worker_bg.wasm", async (route) => {
      await gate;
      await route.continue();
    });
    await dialog.getByRole("button", { name: "Start", exact: true }).click();
    await lab.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    const under = lab.page.getByRole("button", { name: /^Sweep\s*0\/2$/ });
    await under.waitFor();
    assert.equal(await lab.button("Sweep").count(), 0);
    await under.click();
    await dialog.getByText(/^0 of 2 finished, [12] under way/).waitFor();
    await dialog.getByRole("progressbar", { name: "Progress of the sweep" }).waitFor();

    letGo();
    await dialog.getByText("2 of 2 finished.", { exact: true }).waitFor({ timeout: 180_000 });
    await lab.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await lab.button("Sweep").waitFor();
    assert.equal(await lab.page.getByRole("button", { name: /^Sweep\s*\d/ }).count(), 0);
    assert.deepEqual(lab.errors, []);
  });
});

describe("a dimmed step of an upgrade", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  for (const way of ["mouse", "touch"]) {
    // What is marked as disabled is pressed all the same.
    const pressed = async (lab, it) => {
      const { x, y, width, height } = await it.boundingBox();
      const at = [x + width / 2, y + height / 2];
      await (way === "touch" ? lab.page.touchscreen.tap(...at) : lab.page.mouse.click(...at));
    };

    it(`that is the backfill says why by ${way} and by keys, and stays where it is`, async () => {
      const lab = await Lab.fresh(browser, { hasTouch: way === "touch" });
      await lab.open("");
      const row = lab.page.getByRole("region", { name: "Operation of the index" });
      const [said, slider] = [row.locator(".said"), row.getByRole("slider", { name: "Backfill" })];
      const why = "Deploy v2 first.";
      const described = () => slider.evaluate((it) => document.getElementById(it.getAttribute("aria-describedby")).textContent);
      assert.equal(await slider.getAttribute("aria-disabled"), "true");
      assert.equal(await slider.evaluate((it) => it.disabled), false, "it can be reached");
      assert.equal(await described(), why);
      const tries = [
        () => pressed(lab, slider),
        () => pressed(lab, row.getByRole("button", { name: "Backfill", exact: true })),
        () => slider.press("ArrowRight"),
      ];
      for (const attempt of tries) {
        await pressed(lab, row.getByRole("button", { name: /^Roll back/ }));
        await said.filter({ hasText: "Nothing to roll back: v2 is not deployed." }).waitFor();
        await attempt();
        await said.filter({ hasText: why }).waitFor();
        assert.equal(await slider.inputValue(), "0");
        await lab.page.keyboard.press("Escape");
      }
      await row.getByText("0 %", { exact: true }).waitFor();

      await pressed(lab, row.getByRole("button", { name: /^Deploy v2/ }));
      await said.filter({ hasText: /100 % of the items still by v1\./ }).waitFor();
      assert.equal(await slider.getAttribute("aria-disabled"), null);
      assert.equal(await described(), "");
      await slider.press("ArrowRight");
      assert.equal(await slider.inputValue(), "10");
      assert.deepEqual(lab.errors, []);
    });

    it(`says why by ${way}, and does nothing`, async () => {
      const lab = await Lab.fresh(browser, { hasTouch: way === "touch" });
      await lab.open("");
      const row = lab.page.getByRole("region", { name: "Operation of the index" });
      const step = (name) => row.getByRole("button", { name: new RegExp(`^${name}`) });
      const press = (name) => pressed(lab, step(name));
      const says = async (name, why) => {
        assert.equal(await step(name).getAttribute("aria-disabled"), "true", name);
        assert.equal(await step(name).evaluate((it) => it.disabled), false, "it can be reached");
        assert.ok((await step(name).getAttribute("title")).endsWith(` ${why}`), await step(name).getAttribute("title"));
        await press(name);
        await row.locator(".said").filter({ hasText: why }).waitFor();
      };
      const said = row.locator(".said");
      const before = await said.innerText();
      assert.doesNotMatch(before, /Deploy v2 first/);
      await says("Dual-write", "Deploy v2 first.");
      assert.equal(await step("Dual-write").getAttribute("aria-pressed"), "false");

      await press("Deploy v2");
      await said.filter({ hasText: /100 % of the items still by v1\./ }).waitFor();
      await says("Cut over", "Cut over after the backfill is done: 100 % of the items are still by v1.");
      await row.getByRole("slider", { name: "Backfill" }).fill("50");
      await says("Dual-write", "Dual-write has to start before the backfill: 1\u202f000 items are by v2 alone.");
      assert.equal(await step("Dual-write").getAttribute("aria-pressed"), "false");
      assert.deepEqual(lab.errors, []);
    });
  }
});
