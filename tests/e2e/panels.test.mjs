// Panels by what a run holds: tables, numbers and exhibits of a file of events, and the place that a reader gives them.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { audit } from "./support/axe.mjs";
import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";
import { misfits } from "./support/layout.mjs";

/** Numbers as events pack them: base64 of their little-endian bytes. */
const packed = (numbers, Kind) => Buffer.from(new Kind(numbers).buffer).toString("base64");

const quantity = (id, name, unit, better, about) => ({ id, name, unit, better, about });
const measured = (model, step, readings) => ({
  measured: { model, step, readings: readings.map(([quantity, of, value]) => ({ quantity, of, value })) },
});
const shown = (id, title, model, step, things) => ({ exhibit_shown: { exhibit: { id, title, model, step, things } } });
const points = (right) => ({
  points: { xy: packed([right, 0, right + 1, 1, right, 2], Float32Array), classes: packed([0, 1, 1], Uint16Array) },
});
const pixels = {
  pixels: { channels: 1, height: 2, width: 2, pixels: packed([0, 80, 160, 255, 255, 160, 80, 0], Uint8Array), captions: ["first", "second"] },
};
const accuracies = {
  id: "accuracy", title: "Accuracy by task", quantity: "accuracy", row_of: "Model", rows: ["v1", "v2"], column_of: "Task",
  columns: ["task 1: Shirt", "task 2: Bag"], cells: packed([0.75, NaN, 0.5, 1], Float32Array),
};

/** The start of a run of two stages with this plan. */
const started = (plan) => [
  {
    run_started: {
      scenario: { format: 1, preset: "extended-class", stages: [{}, {}] },
      engine: { kind: "cpu", name: "CPU", reason: "" },
      plan: plan.map(([kind, model, steps]) => ({ kind, model, steps })),
      program: "test",
    },
  },
  { dataset_loaded: { name: "Made", source: "Made for a test.", class_names: ["Shirt", "Bag"], train: 8, test_labels: packed([0, 1], Uint8Array) } },
  {
    quantities_declared: {
      quantities: [
        quantity("accuracy", "Accuracy", "%", "higher", "Share of right answers."),
        quantity("distance", "Distance", "px", "lower", "How far off."),
      ],
    },
  },
];

const train = [["train", "v1", 20], ["train", "v2", 20]];

/** Two models that answer and make things, and no gallery. */
const STREAM = [
  ...started(train),
  { phase_started: { phase: 0 } },
  measured("v1", 10, [["accuracy", "task 1", 0.6], ["distance", "", 8]]),
  shown("samples", "Samples", "v1", 10, points(0)),
  measured("v1", 20, [["accuracy", "task 1", 0.75], ["distance", "", 4]]),
  shown("samples", "Samples", "v1", 20, points(2)),
  { phase_started: { phase: 1 } },
  measured("v2", 20, [["accuracy", "task 1", 0.5], ["accuracy", "task 2", 1]]),
  shown("pictures", "Pictures", "v2", 20, pixels),
  shown("words", "Words", "v2", 20, { words: ["one two", "three"] }),
  { table_measured: { table: accuracies } },
  { table_measured: { table: { ...accuracies, id: "within", title: "Within the task" } } },
  { run_finished: { seconds: 1 } },
];

const rates = (map) => ({ map, cmc1: map, cmc5: map, recall10: map, queries: 2, ambiguous: 0 });
const cell = (query, gallery, map) => ({ query, gallery, all: rates(map), seen: null, unseen: null });

/** A run of a search index that holds a table, too. */
const INDEX = [
  ...started([...train, ["measure", "v2", 1]]),
  { phase_started: { phase: 0 } },
  measured("v1", 20, [["accuracy", "", 0.75]]),
  { matrix_measured: { cells: [cell("v1", "v1", 0.4), cell("v2", "v1", 0.5), cell("v2", "v2", 0.6)], chance: rates(0.1) } },
  { table_measured: { table: accuracies } },
  { run_finished: { seconds: 1 } },
];

describe("panels", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** A page that shows these events. */
  async function opened(events, options = {}) {
    const lab = await Lab.fresh(browser, options);
    lab.tables = lab.page.getByRole("region", { name: "Tables", exact: true });
    lab.numbers = lab.page.getByRole("region", { name: "Numbers", exact: true });
    lab.exhibits = lab.page.getByRole("region", { name: "Exhibits", exact: true });
    lab.titles = () => lab.page.locator("#instruments > .panel:visible > header h2").allInnerTexts();
    await lab.open("");
    await lab.import([["made.jsonl", Buffer.from(events.map((it) => JSON.stringify(it)).join("\n"))]]);
    await lab.onShow.getByText("Opened: made.jsonl", { exact: true }).waitFor();
    return lab;
  }

  it("of a run without a gallery are those that it fills", async () => {
    const lab = await opened(STREAM);
    await lab.tables.getByRole("table").waitFor();
    await lab.exhibits.getByRole("combobox", { name: "Exhibit" }).waitFor();
    assert.deepEqual(await lab.titles(), ["Tables", "Numbers", "Exhibits"]);
    assert.deepEqual(lab.errors, []);
  });

  it("show a table as a grid that is chosen, saved and leads to its models", async () => {
    const lab = await opened(STREAM);
    const rows = lab.tables.locator("tbody tr");
    await rows.first().waitFor();
    const text = async (row) => (await rows.nth(row).locator("td").allInnerTexts()).map((it) => it.replace(/\s+/g, " ").trim());
    assert.deepEqual(await text(0), ["75.0", "\u2013"]);
    assert.match((await text(1)).join("|"), /^50\.0\s*\u25bc\s*worse by\s*\u221225\.0\|100\.0$/);
    assert.match(await lab.tables.locator("caption").innerText(), /Share of right answers\. Higher is better\. In points\. Rows: model\. Columns: task\./);
    const first = rows.nth(0).getByRole("button");
    await first.click();
    assert.equal(await first.getAttribute("aria-pressed"), "true");
    await lab.tables.getByRole("combobox", { name: "Table" }).selectOption("within");
    await lab.tables.locator("caption", { hasText: "Within the task" }).waitFor();
    const file = await lab.saved(lab.tables, "CSV");
    assert.equal(file.name, "extended-class-independent-seed1-table-within.csv");
    assert.equal(file.bytes.toString(), "Model,task 1: Shirt,task 2: Bag\r\nv1,75,\r\nv2,50,100\r\n");
    const picture = await lab.saved(lab.tables, "SVG");
    assert.match(picture.bytes.toString(), /<title>Within the task\..*<text [^>]*>task 2: Bag<\/text>/s);
    assert.deepEqual(lab.errors, []);
  });

  it("draw any quantity over the training and over the models", async () => {
    const lab = await opened(STREAM);
    const chart = lab.numbers.getByRole("img");
    await chart.locator("svg").waitFor();
    assert.match(await chart.getAttribute("aria-label"), /v1 task 1 75\.0 at step 20; v2 task 1 50\.0 at step 20/);
    await lab.numbers.getByRole("button", { name: "models", exact: true }).click();
    await chart.locator("svg text", { hasText: "models in the order of their stages" }).waitFor();
    assert.match(await chart.getAttribute("aria-label"), /deployed task 1 50\.0 of v2; deployed task 2 100\.0 of v2/);
    await lab.numbers.getByRole("combobox", { name: "Quantity" }).selectOption("distance");
    await chart.locator("svg text", { hasText: "Distance, px" }).waitFor();
    assert.match(await chart.getAttribute("aria-label"), /v1 4\.00 at step 20/);
    assert.equal((await lab.saved(lab.numbers, "CSV")).bytes.toString(), "step,v1\r\n10,8\r\n20,4\r\n");
    assert.deepEqual(lab.errors, []);
  });

  it("show what the models made, at the moment on show", async () => {
    const lab = await opened(STREAM);
    const drawing = lab.exhibits.getByRole("img");
    const choose = (id) => lab.exhibits.getByRole("combobox", { name: "Exhibit" }).selectOption(id);
    await choose("samples");
    await drawing.locator("svg path.points").first().waitFor({ state: "attached" });
    assert.match(await drawing.getAttribute("aria-label"), /^Samples of v1 at step 20: 3 points\..* 1 Shirt, 2 Bag\.$/);
    const file = await lab.saved(lab.exhibits, "CSV");
    assert.equal(file.bytes.toString(), "point,x,y,class\r\n1,2,0,Shirt\r\n2,3,1,Bag\r\n3,2,2,Bag\r\n");
    await choose("pictures");
    await drawing.locator("svg image").nth(1).waitFor({ state: "attached" });
    assert.equal((await lab.saved(lab.exhibits, "PNG")).bytes.subarray(1, 4).toString(), "PNG");
    await choose("words");
    await lab.exhibits.getByText("one two", { exact: true }).waitFor();
    await choose("samples");
    // Back over the second model and the second reading of the first; in a menu the key would choose.
    await lab.page.evaluate(() => document.activeElement?.blur());
    for (let back = 0; back < 3; back++) await lab.page.keyboard.press("[");
    await lab.exhibits.getByRole("img", { name: /^Samples of v1 at step 10/ }).waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("keep their places with a gallery, and go where a reader puts them, which the link remembers", async () => {
    const lab = await opened(INDEX);
    const today = ["Compatibility matrix", "Retrieval strips", "Curves", "Map"];
    await lab.map.getByRole("button", { name: "Other panels than map" }).waitFor();
    assert.deepEqual(await lab.titles(), today);
    await lab.map.getByRole("button", { name: "Other panels than map" }).click();
    await lab.map.getByRole("button", { name: "Tables", exact: true }).click();
    await lab.tables.getByRole("table").waitFor();
    assert.deepEqual(await lab.titles(), [...today.slice(0, 3), "Tables"]);
    const menu = lab.tables.getByRole("button", { name: "Other panels than tables" });
    await lab.page.waitForFunction((it) => it === document.activeElement, await menu.elementHandle());
    await lab.page.waitForURL(/view\.panels=matrix,strips,curves,tables/);
    await menu.click();
    await lab.tables.getByRole("button", { name: "Map", exact: true }).click();
    await lab.map.waitFor();
    await lab.page.waitForURL((url) => !url.href.includes("view.panels"));
    assert.deepEqual(lab.errors, []);
  });

  it("of retrieval are called by the tab on show", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    const tabs = await lab.strips.getByRole("tab").all();
    assert.ok(tabs.length > 3);
    for (const [at, tab] of tabs.entries()) {
      await tab.click();
      // The first is what the panel is there for.
      const name = at === 0 ? "Retrieval strips" : await tab.innerText();
      await lab.strips.getByRole("heading", { level: 2, name, exact: true }).waitFor();
      await lab.page.getByRole("region", { name, exact: true }).and(lab.strips).waitFor();
    }
    assert.deepEqual(lab.errors, []);
  });

  it("beyond the four have keys of their own", async () => {
    const lab = await opened(INDEX);
    await lab.map.getByRole("button", { name: "Other panels than map" }).waitFor();
    await lab.page.keyboard.press("5");
    await lab.tables.getByRole("table").waitFor();
    assert.deepEqual(await lab.titles(), ["Tables"]);
    await lab.page.waitForURL(/view\.large=tables/);
    await lab.page.keyboard.press("Escape");
    await lab.map.waitFor();
    assert.equal(await lab.tables.count(), 0);
    await lab.page.keyboard.press("7");
    assert.equal(await lab.exhibits.count(), 0, "this run has none");
    assert.deepEqual(lab.errors, []);
  });

  for (const viewport of [{ width: 1280, height: 800 }, { width: 400, height: 800 }]) {
    it(`fit a page ${viewport.width} px wide and pass axe, light and dark`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        const lab = await opened(STREAM, { viewport, colorScheme, reducedMotion: "reduce" });
        await lab.exhibits.getByRole("combobox", { name: "Exhibit" }).waitFor();
        for (const exhibit of ["samples", "pictures", "words"]) {
          await lab.exhibits.getByRole("combobox", { name: "Exhibit" }).selectOption(exhibit);
          await lab.unroll();
          assert.deepEqual(await misfits(lab.page), [], exhibit);
          await audit(lab, exhibit);
        }
        await lab.page.context().close();
      }
    });
  }
});
