// The curves as an instrument: hidden, smoothed, over another axis, read, and taken home; the files of the other panels.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, PAIRS } from "./support/lab.mjs";

/** The colour of new queries on the old gallery in the light theme, as charts write it. */
const CROSS = "#0B7D6B";

describe("curves", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  /** Width and height of a PNG file. */
  function pixels(bytes) {
    assert.equal(bytes.subarray(1, 4).toString(), "PNG");
    return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  }

  it("are hidden, smoothed, put over epochs and saved", async () => {
    const lab = await Lab.fresh(browser, { colorScheme: "light" });
    await lab.open();
    await lab.playToTheEnd();
    await lab.chart("Retrieval");
    const cross = lab.curves.getByRole("button", { name: /^v2\/v1 cross-test/ });
    const line = lab.curves.locator(`svg polyline[stroke="${CROSS}"]`);
    await line.first().waitFor({ state: "attached" });
    await cross.click();
    await line.first().waitFor({ state: "detached" });
    assert.equal(await cross.getAttribute("aria-pressed"), "false");
    assert.doesNotMatch(await lab.chart("Retrieval"), /cross-test/);

    await lab.curves.getByLabel("Smoothing").fill("0.6");
    await lab.curves.locator('svg polyline[opacity="0.35"]').first().waitFor({ state: "attached" });
    await lab.curves.getByLabel("Horizontal axis").selectOption("epochs");
    await lab.curves.locator("svg text", { hasText: "training epochs" }).waitFor();
    assert.match(await lab.chart("Retrieval"), /v2\/v2 self-test [\d.]+ at epoch 2\.00/);

    const table = await lab.saved(lab.curves, "CSV");
    assert.equal(table.name, "extended-class-bt2-seed1-retrieval.csv");
    const [head, ...rows] = table.bytes.toString().trimEnd().split("\r\n").map((row) => row.split(","));
    assert.deepEqual(head.slice(0, 3), ["epoch", "v2/v2 self-test", "v2/v1 cross-test"]);
    assert.ok(rows.length > 4, `${rows.length} rows`);
    for (const row of rows) assert.equal(row.length, head.length);

    const drawn = await lab.saved(lab.curves, "SVG");
    const text = drawn.bytes.toString();
    assert.match(text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+"/);
    for (const part of ["training epochs", "v2/v2 self-test</text>", "smoothed by 0.60"]) assert.ok(text.includes(part), part);
    assert.ok(!text.includes("cross-test"), "what is hidden is not in the file");
    const [width, height] = text.match(/viewBox="0 0 (\d+) (\d+)"/).slice(1).map(Number);
    const picture = await lab.saved(lab.curves, "PNG");
    assert.deepEqual(pixels(picture.bytes), [2 * width, 2 * height]);

    await cross.click();
    await line.first().waitFor({ state: "attached" });
    assert.deepEqual(lab.errors, []);
  });

  it("tell their values under the pointer, by keys and at a tap, and move nothing", async () => {
    const lab = await Lab.fresh(browser, { hasTouch: true });
    await lab.open("");
    const [chart, values] = [lab.curves.getByRole("img"), lab.curves.locator(".values")];
    const reader = lab.curves.getByRole("slider", { name: "Values of the curves" });
    const box = await chart.boundingBox();
    await lab.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await values.waitFor();
    assert.match(await values.innerText(), /^at step \d+\s[\s\S]*v2\/v1 cross-test\s+\d+\.\d\s/);
    assert.deepEqual(await chart.boundingBox(), box);
    await lab.page.mouse.move(0, 0);
    await values.waitFor({ state: "hidden" });

    await reader.focus();
    await lab.page.keyboard.press("End");
    await values.waitFor();
    const last = await reader.getAttribute("aria-valuetext");
    const now = await lab.curves.getByRole("button", { name: /^v2\/v1 cross-test/ }).locator("b").innerText();
    assert.ok(last.startsWith("at step 640: ") && last.includes(`v2/v1 cross-test ${now.trim()}`), last);
    await lab.page.keyboard.press("ArrowLeft");
    const step = Number((await reader.getAttribute("aria-valuetext")).match(/^at step (\d+)/)[1]);
    assert.ok(step < 640, `step ${step}`);
    assert.equal(await reader.getAttribute("aria-valuenow"), `${step}`);
    await lab.page.keyboard.press("Enter");
    await lab.transport.getByText(/^Back at v2, step \d+/).waitFor();
    await lab.page.keyboard.press("Escape");
    await values.waitFor({ state: "hidden" });

    await lab.page.touchscreen.tap(box.x + box.width / 3, box.y + box.height / 2);
    await values.waitFor();
    await lab.curves.getByRole("heading").tap();
    await values.waitFor({ state: "hidden" });
    assert.deepEqual(lab.errors, []);
  });

  it("of the article tell their values, too, and go back to no moment", async () => {
    const lab = await Lab.fresh(browser, { hasTouch: true, reducedMotion: "reduce" });
    const { keyboard, mouse } = lab.page;
    await lab.open("");
    await keyboard.press("a");
    const part = lab.article.getByRole("region", { name: /^5\. / });
    const [chart, values] = [part.getByRole("img"), part.locator(".values")];
    const reader = part.getByRole("slider", { name: "Values of the curves" });
    await part.scrollIntoViewIfNeeded();
    await chart.locator("svg").waitFor();
    await chart.hover();
    await values.waitFor();
    assert.match(await values.innerText(), /^at step \d+\s[\s\S]*v2\/v1 cross-test\s+\d+\.\d/);
    await mouse.move(0, 0);
    await values.waitFor({ state: "hidden" });

    await reader.focus();
    await keyboard.press("End");
    await values.waitFor();
    assert.match(await reader.getAttribute("aria-valuetext"), /^at step 640: .*v2\/v1 cross-test \d+\.\d/);
    await keyboard.press("ArrowLeft");
    await keyboard.press("Enter");
    assert.ok(Number(await reader.getAttribute("aria-valuenow")) < 640);
    assert.equal(await lab.transport.getByText(/^Back at/).count(), 0);
    await keyboard.press("Escape");
    await values.waitFor({ state: "hidden" });

    await chart.tap();
    await values.waitFor();
    await part.getByRole("heading", { level: 3 }).tap();
    await values.waitFor({ state: "hidden" });
    // A finger that comes down and scrolls on.
    const { x, y, width, height } = await chart.boundingBox();
    const finger = { pointerId: 9, pointerType: "touch", clientX: x + width / 2, clientY: y + height / 2 };
    await chart.dispatchEvent("pointerdown", finger);
    await values.waitFor();
    await chart.dispatchEvent("pointerleave", finger);
    await values.waitFor({ state: "hidden" });
    assert.ok(await lab.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
    assert.deepEqual(lab.errors, []);
  });

  it("are not alone: the matrix is saved as a table, the map as a picture", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    assert.ok(await lab.map.getByRole("button", { name: "Save", exact: true }).isDisabled());
    await lab.playToTheEnd();
    const table = await lab.saved(lab.matrixPanel, "CSV");
    assert.equal(table.name, "extended-class-bt2-seed1-matrix.csv");
    const rows = table.bytes.toString().trimEnd().split("\r\n").map((row) => row.split(","));
    const pairs = rows.filter((row) => row[2] === "all classes").map(([query, gallery]) => `${query}/${gallery}`);
    assert.deepEqual(pairs.sort(), [...PAIRS].sort());
    const [width, height] = pixels((await lab.saved(lab.map, "PNG")).bytes);
    assert.ok(width > 200 && height > 100, `${width} by ${height}`);
    assert.deepEqual(lab.errors, []);
  });
});
