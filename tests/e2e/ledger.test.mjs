// What became of all queries: the ledger, the classes and the scores behind them.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

describe("the tabs beside the strips", { skip: ONLY_CPU }, () => {
  let browser, lab;
  const open = (name) => lab.strips.getByRole("tab", { name }).click();

  before(async () => {
    browser = await launch();
    lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
  });
  after(() => browser?.close());

  it("list every changed query, and a row of the ledger picks its query", async () => {
    await open("Ledger");
    const rows = lab.strips.getByRole("row").filter({ has: lab.page.getByRole("rowheader") });
    const changes = lab.strips.getByRole("group", { name: "Changes" }).getByRole("button");
    await changes.first().waitFor();
    const [total, broken, fixed] = await changes.evaluateAll((buttons) => buttons.map((button) => Number(button.innerText.match(/\d+$/)[0])));
    assert.equal(total, broken + fixed);
    assert.ok(total > 0, "an upgrade of a short run changes something");
    assert.equal(await rows.count(), Math.min(total, 200));

    const row = rows.first().getByRole("button");
    await row.click();
    assert.equal(await row.getAttribute("aria-pressed"), "true");
    const [, item] = (await row.innerText()).match(/(\d+)\s*$/);
    await open("Strips");
    await lab.strips.getByText(`query, item ${item}`, { exact: true }).waitFor();
    assert.ok((await lab.strips.getByText(/\+ fixed|\u2212 broken/).count()) > 0, "the strips show the change, too");
  });

  it("judge every class, and a class shows its queries in the ledger", async () => {
    await open("Classes");
    const classes = lab.strips.getByRole("rowheader");
    assert.equal(await classes.count(), 10);
    assert.equal(await classes.filter({ hasText: "new class" }).count(), 5);
    const first = classes.first().getByRole("button");
    const name = await first.innerText();
    await first.click();
    const ledger = lab.strips.getByRole("tab", { name: "Ledger", selected: true });
    assert.ok(await ledger.evaluate((tab) => tab === document.activeElement), "the focus is not lost");
    assert.equal(await lab.strips.getByLabel("Class", { exact: true }).evaluate((it) => it.selectedOptions[0].text), name);
    for (const row of await lab.strips.getByRole("rowheader").all()) assert.ok((await row.innerText()).startsWith(name));
  });

  it("describe the scores of pairs of one class and of different classes", async () => {
    await open("Scores");
    for (const pair of ["old/old", "new/old", "new/new"]) {
      const chart = lab.strips.getByRole("img", { name: new RegExp(`^${pair}: median cosine .* AUC 0\\.\\d{3}`) });
      await chart.locator("svg").waitFor();
      assert.ok((await chart.locator("svg polyline, svg path").count()) > 0, `${pair} has an outline`);
    }
    assert.deepEqual(lab.errors, []);
  });

  it("split what is stored into what is comparable with v1 and what is new", async () => {
    await open("Blocks");
    const words = await lab.strips.getByRole("img", { name: /of the energy/ }).getAttribute("aria-label");
    const [, before, rest] = words.match(/^as v1: 32 dims, (\d+)\s?% of the energy; new in v2: 8 dims, (\d+)\s?% of the energy$/);
    assert.ok(Math.abs(Number(before) + Number(rest) - 100) <= 1, words);
    const rows = lab.strips.getByRole("region", { name: "Blocks of the stored vector" }).locator("tbody tr");
    const cells = await rows.evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map((it) => it.innerText)));
    // Dims, energy, alone, with those before, old gallery.
    const matrix = await lab.matrix();
    assert.ok(matrix["v2/v1"].includes(cells[0][4]), `${cells[0][4]} is the cross-test`);
    assert.ok(matrix["v2/v2"].includes(cells[1][3]), `${cells[1][3]} is the self-test`);
    assert.equal(cells[1][4], "\u2013", "no gallery is like what is new");
  });
});
