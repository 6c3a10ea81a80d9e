// What is on show says whose it is, and results never stand beside settings that did not make them without saying so.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

describe("what is on show", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const seed = (lab) => lab.setup.getByLabel("Seed", { exact: true });

  /** The events of the run on show as a file. */
  async function events(lab) {
    await lab.button("Export").click();
    const { name, bytes } = await lab.download(() => lab.page.getByRole("button", { name: /^Events of the run/ }).click());
    return [name, bytes];
  }

  it("is named, and a difference of the form is said with the one act that mends it", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    await lab.onShow.getByText("Recorded run", { exact: true }).waitFor();
    await lab.onShow.getByText("Extended class, BT², seed 1", { exact: true }).waitFor();
    assert.equal(await lab.onShow.getByRole("button", { name: "Run these settings", exact: true }).count(), 0);
    const recorded = await lab.matrix();

    await seed(lab).fill("7");
    await seed(lab).blur();
    await lab.onShow.getByText("Seed 7").waitFor();
    await lab.setup.getByLabel("Method", { exact: true }).selectOption("bct");
    await lab.onShow.getByText(/BCT, seed 7|Method BCT/).waitFor();
    assert.deepEqual(await lab.matrix(), recorded, "the results stay");
    await lab.onShow.getByRole("button", { name: "Run these settings", exact: true }).click();
    await lab.onShow.getByText("Your run", { exact: true }).waitFor();
    await lab.onShow.getByText("Extended class, BCT, seed 7", { exact: true }).waitFor();
    assert.equal(await lab.onShow.getByRole("button", { name: "Run these settings", exact: true }).count(), 0);
    assert.deepEqual(lab.errors, []);
  });

  it("says of a recorded run why one's own ends near it and not at the same digits", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    const word = lab.onShow.getByRole("button", { name: "Recorded run", exact: true });
    await word.press("Enter");
    await lab.explanation.getByText("Recorded run", { exact: true }).waitFor();
    await lab.explanation.getByText(/rounds otherwise than a browser does\..* ends near it, not at the same digits\.$/).waitFor();
    assert.equal(await word.getAttribute("aria-expanded"), "true");
    await word.press("Enter");
    await lab.explanation.waitFor({ state: "hidden" });
    assert.equal(await word.getAttribute("aria-expanded"), "false");

    // Of a run of one's own there is nothing of the kind to say.
    await lab.button("Step batch").click();
    await lab.onShow.getByText("Your run", { exact: true }).waitFor();
    assert.equal(await lab.onShow.locator(".term").count(), 0);
    assert.deepEqual(lab.errors, []);
  });

  it("says that the form differs wherever a phone is scrolled to, and only then", async () => {
    const lab = await Lab.fresh(browser, { viewport: { width: 400, height: 800 } });
    await lab.open("");
    await lab.unfold();
    const shows = async (panel) => {
      await panel.evaluate((it) => it.scrollIntoView());
      await lab.settled();
      return lab.onShow.evaluate((it) => {
        const { left, right, top, bottom } = it.getBoundingClientRect();
        return bottom > 0 && it.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
      });
    };
    assert.equal(await shows(lab.strips), false, "the run is that of the form");
    await seed(lab).fill("7");
    await seed(lab).blur();
    await lab.onShow.getByText("Seed 7").waitFor();
    for (const panel of [lab.strips, lab.curves, lab.map]) {
      assert.ok(await shows(panel));
      const [line, box] = [await lab.onShow.boundingBox(), await panel.boundingBox()];
      assert.ok(line.y >= 0 && line.y + line.height <= box.y + 1, JSON.stringify({ line, box }));
      assert.deepEqual([line.x, line.width], [0, 400]);
    }
    await seed(lab).fill("1");
    await seed(lab).blur();
    await lab.onShow.getByText("Seed 7").waitFor({ state: "hidden" });
    assert.equal(await shows(lab.map), false);
    assert.deepEqual(lab.errors, []);
  });

  it("brings form, link and images along when a run is opened, and the reader's own waits", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.playToTheEnd();
    const first = await lab.matrix();
    await seed(lab).fill("7");
    await seed(lab).blur();
    await lab.onShow.getByRole("button", { name: "Run these settings", exact: true }).click();
    // Until it begins, the run before is the one that is finished.
    await lab.onShow.getByText("Extended class, BT², seed 7", { exact: true }).waitFor();
    await lab.finished();
    const [name, file] = await events(lab);
    assert.equal(name, "extended-class-bt2-seed7.events.jsonl");

    await lab.button("Runs").click();
    const rows = lab.page.getByRole("region", { name: "Kept runs" }).locator("tbody tr");
    await rows.nth(1).getByRole("button", { name: "Open" }).click();
    await lab.onShow.getByText("Opened: BT², seed 1", { exact: true }).waitFor();
    assert.equal(await seed(lab).inputValue(), "1");
    assert.doesNotMatch(lab.page.url(), /seed=7/);
    assert.deepEqual(await lab.matrix(), first);
    // Those of another seed are in the worker.
    await lab.pictured();

    await lab.button("Back to your run").click();
    await lab.onShow.getByText("Your run", { exact: true }).waitFor();
    assert.equal(await seed(lab).inputValue(), "7");
    assert.match(lab.page.url(), /seed=7/);

    // A file of events takes over in the middle of a run, and can be run here.
    await seed(lab).fill("3");
    await seed(lab).blur();
    await lab.page.getByLabel("Speed").fill("1");
    await lab.onShow.getByRole("button", { name: "Run these settings", exact: true }).click();
    await lab.atStep(2);
    await lab.import([[name, file]]);
    await lab.onShow.getByText(`Opened: ${name}`, { exact: true }).waitFor();
    assert.equal(await seed(lab).inputValue(), "7");
    await lab.page.getByLabel("Speed").fill("10");
    await lab.button("Run it yourself").click();
    await lab.onShow.getByText("Extended class, BT², seed 7", { exact: true }).waitFor();
    await lab.finished();
    assert.deepEqual(lab.errors, []);
  });

  it("shows every step that is asked for, whatever has the focus", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("v=2&preset=extended-class&evaluation.loss_every=20");
    for (let step = 1; step <= 4; step++) {
      await lab.button("Step batch").click();
      await lab.atStep(step);
    }
    await lab.page.getByLabel("Speed").focus();
    await lab.page.keyboard.press(".");
    await lab.atStep(5);
    const theme = lab.page.getByRole("button", { name: /^Theme/ });
    const before = await theme.innerText();
    await lab.page.keyboard.press("t");
    assert.notEqual(await theme.innerText(), before);
    await lab.page.keyboard.press(" ");
    await lab.button("Pause").click();
    assert.deepEqual(lab.errors, []);
  });
});
