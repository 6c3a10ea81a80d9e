// A reader's own data beside what was there before: they stay where they can, what cannot run on them says so, and nothing is left of an
// import that was given up.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";
import { embeddings, table } from "./support/own_data.mjs";

const PATTERNS = [["patterns.csv", Buffer.from(table())]];
/** What an address with own data has. */
const OWN = /[#&]data\.dataset=own-[0-9a-f]{8}(&|$)/;

describe("own data", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const scenario = (lab) => lab.setup.getByLabel("Scenario", { exact: true });
  const differs = (lab) => lab.onShow.getByText(/^not the form’s: /);
  const mend = (lab) => lab.onShow.getByRole("button", { name: "Run these settings", exact: true });

  /** The name of the dataset in the form. */
  async function dataset(lab) {
    await lab.setup.getByRole("tab", { name: "Run", exact: true }).click();
    return lab.setup.getByLabel("Dataset").locator("option:checked").innerText();
  }

  /** Chooses a scenario without the reader's own data, then takes that back. */
  async function leavesAndComesBack(lab, id, reason) {
    await scenario(lab).selectOption(id);
    await lab.page.waitForURL((url) => !OWN.test(url.hash) && url.hash.includes(`preset=${id}`));
    const said = lab.notices.filter({ hasText: reason });
    await said.getByRole("button", { name: "Undo" }).click();
    await said.waitFor({ state: "hidden" });
    await lab.page.waitForURL(OWN);
    assert.equal(await scenario(lab).inputValue(), "extended-class");
    assert.equal(await dataset(lab), "patterns");
  }

  it("chosen beside a recorded run, and given up after one of their own, are said not to be those of the results", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    const recorded = await lab.matrix();
    await lab.import(PATTERNS);
    await lab.page.waitForURL(OWN);
    await differs(lab).filter({ hasText: /^not the form’s: Dataset patterns(; \d+ settings differ|, .*)?$/ }).waitFor();
    await lab.onShow.getByText("Recorded run", { exact: true }).waitFor();
    assert.deepEqual(await lab.matrix(), recorded);
    assert.ok(await mend(lab).isEnabled());
    // Models as they are, too.
    await lab.import(embeddings());
    await lab.notices.filter({ hasText: /Embeddings by old/ }).waitFor();
    await differs(lab).waitFor();
    assert.deepEqual(await lab.matrix(), recorded);
    assert.ok(await mend(lab).isEnabled());
    assert.deepEqual(lab.errors, []);

    const other = await Lab.fresh(browser);
    await other.open(QUICK);
    await other.import(PATTERNS);
    await other.page.waitForURL(OWN);
    await other.playToTheEnd();
    await other.pictured();
    await other.strips.getByText(/^query, item \d+ of patterns$/).waitFor();
    assert.equal(await differs(other).count(), 0);
    const own = await other.matrix();
    assert.equal(await dataset(other), "patterns");
    await other.setup.getByRole("button", { name: "Forget these" }).click();
    await other.notices.filter({ hasText: "Your files were forgotten." }).waitFor();
    await differs(other).waitFor();
    await other.onShow.getByText("Your run", { exact: true }).waitFor();
    assert.deepEqual(await other.matrix(), own);
    await mend(other).click();
    await differs(other).waitFor({ state: "hidden" });
    await mend(other).waitFor({ state: "hidden" });
    assert.deepEqual(other.errors, []);
  });

  it("stay when another scenario is chosen", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.import(PATTERNS);
    await lab.page.waitForURL(OWN);
    await scenario(lab).selectOption("extended-data");
    await lab.page.waitForURL(/[#&]preset=extended-data(&|$)/);
    assert.match(lab.page.url(), OWN);
    assert.equal(await dataset(lab), "patterns");
    assert.equal(await lab.notices.getByRole("button", { name: "Undo" }).count(), 0, "nothing was left");
    await lab.button("Step batch").click();
    await lab.atStep(1);
    await lab.onShow.getByText("Extended data, patterns, BT², seed 1", { exact: true }).waitFor();
    assert.equal(await differs(lab).count(), 0);
    assert.equal(await lab.dialog.count(), 0);
    assert.deepEqual(lab.errors, []);
  });

  it("of 32 x 32 pixels bring a transformer patches that divide them, which is said, and are trained on", async () => {
    const large = [["patterns.csv", Buffer.from(table(32))]];
    const said = (lab, stage) =>
      lab.notices.filter({ hasText: `Stage ${stage}: Patch is 7, but must divide images of 32 x 32; 8 is used.` });
    const patch = (lab) => lab.setup.getByLabel(/^Patch/);

    // Another network takes images of any size, and this one is chosen for it.
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.import(large);
    await lab.page.waitForURL(OWN);
    await scenario(lab).selectOption("new-architecture");
    await lab.page.waitForURL(/[#&]preset=new-architecture(&|$)/);
    assert.match(lab.page.url(), OWN);
    assert.equal(await lab.notices.filter({ hasText: "must divide" }).count(), 0);
    await lab.setup.getByLabel("Encoder", { exact: true }).selectOption("vit");
    await said(lab, 2).waitFor();
    assert.equal(await patch(lab).inputValue(), "8");
    await lab.button("Step batch").click();
    await lab.atStep(1);
    await lab.playToTheEnd();
    assert.equal(await differs(lab).count(), 0);
    assert.match((await lab.matrix())["v2/v2"], /\d+\.\d/);

    // A scenario that comes with it.
    const other = await Lab.fresh(browser);
    await other.open(QUICK);
    await other.import(large);
    await other.page.waitForURL(OWN);
    await scenario(other).selectOption("chain");
    await said(other, 4).waitFor();
    assert.match(other.page.url(), OWN);
    await other.setup.getByRole("tab", { name: "v4", exact: true }).click();
    assert.equal(await patch(other).inputValue(), "8");
    await other.button("Step batch").click();
    await other.atStep(1);
    for (const { dialog, errors } of [lab, other]) {
      assert.equal(await dialog.count(), 0);
      assert.deepEqual(errors, []);
    }
  });

  it("are told of what cannot run on them, with the reason and the way back", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    const names = () =>
      scenario(lab).locator("option").evaluateAll((all) => Object.fromEntries(all.map((it) => [it.value, it.textContent])));
    assert.ok(Object.values(await names()).every((name) => !name.includes("not on your data")), "there are none yet");
    await lab.import(PATTERNS);
    await lab.page.waitForURL(OWN);
    const beside = await names();
    for (const id of ["reflow", "checkerboard", "parity", "counting", "permutations", "stream"]) {
      assert.match(beside[id], / \(not on your data: it [a-z].+\)$/);
    }
    assert.match(beside.stream, / \(not on your data: it needs more than their 4 classes\)$/, "why, before it is chosen");
    for (const id of ["extended-class", "extended-data", "adapter"]) assert.doesNotMatch(beside[id], /not on your data/);

    await leavesAndComesBack(
      lab,
      "reflow",
      "Straight from noise to data has a world of its own: it runs on Ring of eight. patterns stay among the datasets.",
    );
    await leavesAndComesBack(
      lab,
      "stream",
      "Five tasks needs more than their 4 classes: it runs on Fashion-MNIST. patterns stay among the datasets.",
    );
    assert.deepEqual(lab.errors, []);
  });

  it("are told of a claim that is run without them, with the way back", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.import(PATTERNS);
    await lab.page.waitForURL(OWN);
    const claims = lab.setup.locator(".claims");
    await claims.locator("summary").click();
    await claims.getByRole("button", { name: /^Run this claim/ }).first().click();
    await lab.page.waitForURL((url) => !OWN.test(url.hash));
    const said = lab.notices.filter({ hasText: "This runs on Fashion-MNIST. patterns stay among the datasets." });
    await said.getByRole("button", { name: "Undo" }).click();
    await said.waitFor({ state: "hidden" });
    await lab.page.waitForURL(OWN);
    assert.equal(await dataset(lab), "patterns");
    assert.deepEqual(lab.errors, []);
  });

  it("that are embeddings are back after a reload without a word on encoders", async () => {
    const lab = await Lab.fresh(browser);
    // Messages may have left before anybody looks.
    await lab.page.addInitScript(() => {
      globalThis.said = [];
      const hear = (node) => node.nodeType === Node.ELEMENT_NODE && node.closest(".notices") && globalThis.said.push(node.textContent);
      const watch = new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(hear)));
      watch.observe(document, { childList: true, subtree: true });
    });
    await lab.open(QUICK);
    await lab.import(embeddings());
    await lab.page.waitForURL(OWN);
    await lab.timeline.getByText("old, 16 dims").waitFor();
    await lab.notices.filter({ hasText: /Embeddings by old/ }).waitFor();
    assert.ok((await lab.page.evaluate(() => globalThis.said)).some((text) => text.includes("Embeddings by old")), "messages are heard");
    for (const visit of ["first", "second"]) {
      await lab.page.reload();
      await lab.ready();
      assert.match(lab.page.url(), OWN, visit);
      await lab.timeline.getByText("old, 16 dims").waitFor();
      const said = await lab.page.evaluate(() => globalThis.said);
      assert.deepEqual(said.filter((text) => /no encoder|not in this browser/.test(text)), [], visit);
    }
    await lab.playToTheEnd();
    assert.deepEqual(lab.errors, []);
  });

  it("given up in the midst of their import leave the page as it was, and its worker ends", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.button("Step epoch").click();
    await lab.transport.getByText("step 7 of 14").waitFor();
    await lab.status.filter({ hasText: /^Paused/ }).waitFor();
    const state = async () => ({
      url: lab.page.url(),
      status: await lab.status.innerText(),
      step: await lab.step(),
      losses: await lab.losses(),
      scenario: await scenario(lab).inputValue(),
      dataset: await dataset(lab),
      own: await lab.setup.getByLabel("Dataset").locator("option[value^='own-']").count(),
      stages: await lab.timeline.innerText(),
    });
    const before = await state();

    // It packs for as long as it lives.
    await lab.page.route("**/importer_loader.js", async (route) => {
      const response = await route.fetch();
      const busy = `const post = self.postMessage.bind(self);
        self.postMessage = (message, ...rest) => { post(message, ...rest); if (/"packing"/.test(message.text)) for (;;); };`;
      await route.fulfill({ response, body: `${busy}\n${await response.text()}` });
    });
    await lab.import(embeddings());
    const bar = lab.page.getByRole("progressbar", { name: "Progress of the import" });
    await lab.notices.filter({ hasText: "The dataset is being packed." }).waitFor();
    assert.ok((await bar.evaluate((bar) => bar.value)) > 0.4, "most of it is done");
    const importer = lab.page.workers().find((worker) => worker.url().includes("importer"));
    await Promise.all([importer.waitForEvent("close"), lab.button("Cancel").click()]);
    await bar.waitFor({ state: "hidden" });
    await lab.notices.filter({ hasText: "The import was cancelled; nothing was changed." }).waitFor();
    assert.equal(await lab.alerts.count(), 0);
    assert.deepEqual(await state(), before);
    await lab.button("Step batch").click();
    await lab.atStep(before.step.step + 1);

    // Nor is anything in the way of the next.
    await lab.page.unrouteAll();
    await lab.import(PATTERNS);
    await lab.page.waitForURL(OWN);
    assert.equal(await dataset(lab), "patterns");
    assert.deepEqual(await lab.setup.getByLabel("Dataset").locator("option[value^='own-']").allTextContents(), ["patterns"]);
    assert.deepEqual(lab.errors, []);
  });
});
