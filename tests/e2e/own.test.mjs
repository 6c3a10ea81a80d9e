// A reader's own images or embeddings become a dataset that the browser keeps.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

const [SIDE, CLASSES, EACH] = [8, ["bars", "border", "checks", "dots"], 30];

/** A table of small images: a pattern of its own for each class, and a speck that wanders. */
function table() {
  const patterns = {
    bars: (x) => x % 2 === 0,
    border: (x, y) => x % (SIDE - 1) === 0 || y % (SIDE - 1) === 0,
    checks: (x, y) => (x + y) % 2 === 0,
    dots: (x, y) => x % 3 === 1 && y % 3 === 1,
  };
  const cells = [...Array(SIDE * SIDE).keys()];
  const row = (name, at) =>
    [name, ...cells.map((cell) => (cell === (7 * at) % cells.length ? 128 : patterns[name](cell % SIDE, cell >> 3) ? 230 : 20))].join(",");
  const rows = CLASSES.flatMap((name) => [...Array(EACH).keys()].map((at) => row(name, at)));
  return [["label", ...cells.map((cell) => `pixel${cell}`)].join(","), ...rows].join("\n");
}

/** An array as NumPy writes it: its type, its sides, its numbers. */
function npy(type, sides, numbers) {
  const about = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides.join(",")},), }`;
  // Ten bytes before it and the end of the line make a multiple of 64.
  const header = about.padEnd(Math.ceil((about.length + 11) / 64) * 64 - 11) + "\n";
  const begin = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00${header}`, "latin1");
  return Buffer.concat([begin, Buffer.from(numbers.buffer)]);
}

/** Embeddings of 4 classes by an old model, and by a new one that says the same with its dims in another order. */
function embeddings(dims = 16, each = 30) {
  const noise = (at) => Math.sin(12.9898 * at + 4.1) * 0.45;
  const labels = [...Array(4 * each).keys()].map((row) => row % 4);
  const old = labels.map((label, row) => [...Array(dims).keys()].map((dim) => (dim % 4 === label ? 1 : 0) + noise(dims * row + dim)));
  const turned = old.map((row) => row.map((_, dim) => row[(7 * dim + 3) % dims]));
  const array = (rows) => npy("<f4", [rows.length, dims], Float32Array.from(rows.flat()));
  return [["old.npy", array(old)], ["new.npy", array(turned)], ["labels.npy", npy("|u1", [labels.length], Uint8Array.from(labels))]];
}

describe("own images", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const dataset = (lab) => lab.setup.getByLabel("Dataset");

  it("are trained on, outlive a reload, and are forgotten on request", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.setup.getByRole("tab", { name: "Run" }).click();
    await lab.import([["patterns.csv", Buffer.from(table())]]);
    await lab.notices.filter({ hasText: "4 classes, with up to 25 training and 5 test images of each." }).waitFor();
    await lab.page.waitForURL(/[#&]data\.dataset=own-[0-9a-f]{8}(&|$)/);
    assert.equal(await dataset(lab).locator("option:checked").innerText(), "patterns");
    await lab.playToTheEnd();
    const cells = await lab.matrix();
    assert.ok(Number(cells["v2/v2"].match(/\d+\.\d/)[0]) > 50, cells["v2/v2"]);
    await lab.pictured();
    assert.equal(await lab.button("Run these settings").count(), 0, "the run is the one in the form");

    await lab.page.reload();
    await lab.ready();
    assert.match(lab.page.url(), /[#&]data\.dataset=own-/);
    assert.equal(await lab.notices.filter({ hasText: "not in this browser" }).count(), 0);
    await lab.setup.getByRole("tab", { name: "Run" }).click();
    assert.match(await dataset(lab).locator("option:checked").innerText(), /^patterns$/);
    await lab.setup.getByRole("button", { name: "Forget these" }).click();
    await lab.notices.filter({ hasText: "Your files were forgotten." }).waitFor();
    assert.equal(await dataset(lab).locator("option[value^='own-']").count(), 0);
    assert.deepEqual(lab.errors, []);
  });

  it("that the browser does not keep are there for this visit", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.addInitScript(() => {
      CacheStorage.prototype.open = () => Promise.reject(new DOMException("There is no room.", "QuotaExceededError"));
    });
    await lab.open(QUICK);
    await lab.import([["patterns.csv", Buffer.from(table())]]);
    const said = lab.notices.filter({ hasText: "The browser does not keep them (There is no room): they are there until this page is closed." });
    await said.waitFor();
    await lab.page.waitForURL(/[#&]data\.dataset=own-[0-9a-f]{8}(&|$)/);
    await lab.playToTheEnd();
    await lab.pictured();
    // Another worker is lent them too.
    await lab.setup.getByRole("tab", { name: "Run" }).click();
    await lab.setup.getByLabel("Engine").selectOption("cpu");
    await lab.ready();
    assert.equal(await dataset(lab).locator("option:checked").innerText(), "patterns");
    await lab.playToTheEnd();
    await lab.setup.getByRole("button", { name: "Forget these" }).click();
    await lab.notices.filter({ hasText: "Your files were forgotten." }).waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("that make no sense are refused with the reason, and nothing is lost", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    const url = lab.page.url();
    await lab.import([["broken.csv", Buffer.from(table().replace(/,230,/, ",many,"))]]);
    await lab.alerts.filter({ hasText: /Nothing was imported: .*broken\.csv.*many/ }).waitFor();
    await lab.import([["broken.zip", Buffer.from("PK no zip")]]);
    await lab.alerts.filter({ hasText: /Nothing was imported: .*broken\.zip/ }).waitFor();
    assert.equal(lab.page.url(), url);
    assert.deepEqual(lab.errors, []);
  });
});

describe("own embeddings", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  it("are bridged without training, and what lies between them is saved", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.import(embeddings());
    await lab.notices.filter({ hasText: /Embeddings by old \(16 dims\), then new \(16 dims\); 4 classes/ }).waitFor();
    await lab.page.waitForURL(/[#&]data\.dataset=own-[0-9a-f]{8}(&|$)/);
    await lab.timeline.getByText("old, 16 dims").waitFor();
    assert.equal(await lab.setup.getByLabel("Encoder").count(), 0, "nothing is trained, so nothing of that can be set");
    const methods = await lab.setup.getByLabel("Method").locator("option").allInnerTexts();
    assert.ok(methods.includes("Procrustes") && methods.includes("FCT") && !methods.includes("BCT"), `${methods}`);

    await lab.playToTheEnd();
    const points = (text) => Number(text.match(/\d+\.\d/)[0]);
    const cells = await lab.matrix();
    assert.equal(points(cells["v2/v1"]), points(cells["v1/v1"]), "a rotation brings back an order of dims exactly");
    assert.ok(points(cells["v2*/v1"]) < points(cells["v1/v1"]) - 10, JSON.stringify(cells));
    await lab.pictured();

    const files = await lab.exportAll(2);
    assert.deepEqual([...files.keys()].map((name) => name.replace(/.*-/, "")).sort(), ["v2.card.json", "v2.safetensors"]);
    const model = [...files].find(([name]) => name.endsWith(".safetensors"));
    await lab.import([model]);
    await lab.finished();
    assert.equal((await lab.matrix())["v2/v1"], cells["v2/v1"]);
    assert.deepEqual(lab.errors, []);
  });

  it("say how far they are, and are given up by the keyboard", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    const url = lab.page.url();
    const bar = lab.page.getByRole("progressbar", { name: "Progress of the import" });
    // An importer that never starts leaves all the time that there is.
    await lab.page.route("**/importer_bg.wasm", () => {});
    await lab.import(embeddings());
    await lab.notices.filter({ hasText: "Your files are being read." }).waitFor();
    await lab.button("Cancel").focus();
    await lab.page.keyboard.press("Enter");
    await bar.waitFor({ state: "hidden" });
    await lab.notices.filter({ hasText: "The import was cancelled; nothing was changed." }).waitFor();
    assert.equal(lab.page.url(), url);

    await lab.page.unrouteAll();
    const shares = await lab.page.evaluateHandle(() => {
      const seen = [];
      const look = () => {
        const bar = document.querySelector(".bringing progress");
        if (bar && bar.value !== seen.at(-1)) seen.push(bar.value);
      };
      // Every change of it, however fast they come: frames miss some.
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributeFilter: ["value"] });
      return seen;
    });
    await lab.import(embeddings(256, 400));
    await lab.notices.filter({ hasText: /Embeddings by old \(256 dims\)/ }).waitFor();
    await bar.waitFor({ state: "hidden" });
    const seen = await shares.jsonValue();
    assert.ok(seen.length > 2 && seen.every((share, at) => at === 0 || share > seen[at - 1]), `${seen}`);
    assert.deepEqual(lab.errors, []);
  });

  it("without labels are refused with what is missing", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    await lab.import(embeddings().slice(0, 2));
    await lab.alerts.filter({ hasText: /Nothing was imported: .*label/ }).waitFor();
    assert.deepEqual(lab.errors, []);
  });
});
