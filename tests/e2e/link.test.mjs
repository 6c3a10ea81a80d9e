// The scenario in the address: written, restored, and forgiving.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("a link", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const seed = (lab) => lab.page.getByLabel("Seed", { exact: true });
  const parameter = (lab) => lab.setup.getByRole("group", { name: "Compatibility" }).getByRole("spinbutton").first();

  it("follows the settings and restores them elsewhere", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await seed(lab).fill("7");
    await seed(lab).press("Enter");
    await lab.page.waitForURL(/[#&]seed=7(&|$)/);
    const before = lab.page.url();
    const value = String(Number(await parameter(lab).inputValue()) + 1);
    await parameter(lab).fill(value);
    await parameter(lab).press("Enter");
    await lab.page.waitForURL((url) => url.href !== before);
    assert.match(lab.page.url(), /stages\.1\.method\.values\.\w+=/);

    const other = await Lab.fresh(browser);
    await other.open(lab.page.url());
    assert.equal(await seed(other).inputValue(), "7");
    assert.equal(await parameter(other).inputValue(), value);
    assert.equal(await other.notices.filter({ hasText: "link" }).count(), 0);

    await lab.page.goBack();
    await lab.page.waitForURL(before);
    await lab.page.waitForFunction(([input, value]) => input.value !== value, [await parameter(lab).elementHandle(), value]);
    assert.equal(await seed(lab).inputValue(), "7");
  });

  it("followed in an open page shows the recorded run of its preset", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    const shown = (name) => lab.onShow.getByText(`${name}, BT², seed 1`, { exact: true }).waitFor();
    await shown("Extended class");
    await lab.page.evaluate(() => (location.hash = "#v=2&preset=extended-data"));
    await shown("Extended data");
    assert.deepEqual(lab.errors, []);
  });

  it("of another version leaves a usable page and says so", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("v=99&preset=extended-class&seed=5");
    await lab.alerts.filter({ hasText: "The address was not understood" }).waitFor();
    assert.equal(await seed(lab).inputValue(), "1");
    await lab.button("Step batch").click();
    await lab.status.filter({ hasText: "Paused: training v1" }).waitFor();
  });

  it("with numbers out of bounds is brought within them and says so", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(`${QUICK}&stages.1.schedule.rate=7`);
    await lab.notices.filter({ hasText: /Learning rate is 7, but must lie in 0 to 0\.1; 0\.1 is used/ }).waitFor();
    assert.equal(await lab.setup.getByLabel(/^Learning rate/).inputValue(), "0.1");
    assert.match(lab.page.url(), /stages\.1\.schedule\.rate=0\.1(&|$)/);
  });
});
