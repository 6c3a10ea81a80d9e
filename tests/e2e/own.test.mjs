// A reader's own images or embeddings become a dataset that the browser keeps.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";
import { archive, embeddings, table } from "./support/own_data.mjs";

/** Longest wait for a large file to be packed; only there so that a hanging importer ends the test. */
const PACKING_MS = 180_000;

/** Runs in the importer: however fast a file is read, every part of it is told of; after so many parts the next is read for ever. */
function reads(parts) {
  let [now, read] = [0, 0];
  performance.now = () => (now += 1000);
  const { readAsArrayBuffer } = FileReaderSync.prototype;
  FileReaderSync.prototype.readAsArrayBuffer = function (part) {
    read += 1;
    if (read > parts) for (;;);
    return readAsArrayBuffer.call(this, part);
  };
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
    assert.equal(await lab.onShow.getByRole("button", { name: "Run these settings", exact: true }).count(), 0, "the run is the one in the form");

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

  const progress = (lab) => lab.page.getByRole("progressbar", { name: "Progress of the import" });

  /** The shares that the bar of an import shows from now on. */
  const watched = (lab) =>
    lab.page.evaluateHandle(() => {
      const seen = [];
      const look = () => {
        const bar = document.querySelector(".bringing progress");
        if (bar && bar.value !== seen.at(-1)) seen.push(bar.value);
      };
      // Every change of it, however fast they come: frames miss some.
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributeFilter: ["value"] });
      return seen;
    });

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
    const bar = progress(lab);
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
    const shares = await watched(lab);
    await lab.import(embeddings(256, 400));
    await lab.notices.filter({ hasText: /Embeddings by old \(256 dims\)/ }).waitFor();
    await bar.waitFor({ state: "hidden" });
    const seen = await shares.jsonValue();
    assert.ok(seen.length > 2 && seen.every((share, at) => at === 0 || share > seen[at - 1]), `${seen}`);
    assert.deepEqual(lab.errors, []);
  });

  it("of 70 MB in one archive say how far they are read, can be given up by then, and become a dataset", async () => {
    const folder = await mkdtemp(join(tmpdir(), "upgrade-lab-"));
    after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "pair.npz");
    const bytes = archive();
    assert.ok(bytes.length > 70e6, `${bytes.length} bytes`);
    await writeFile(path, bytes);

    const lab = await Lab.fresh(browser);
    await lab.open(QUICK);
    const url = lab.page.url();
    const bar = progress(lab);
    // Of a file this large the driver of the browser takes the path alone.
    const bring = async (parts) => {
      await lab.page.route("**/importer_loader.js", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: `(${reads})(${parts});\n${await response.text()}` });
      });
      const [chooser] = await Promise.all([lab.page.waitForEvent("filechooser"), lab.button("Import").click()]);
      await chooser.setFiles(path);
    };
    /** Addresses of all that the browser keeps of own data. */
    const kept = () =>
      lab.page.evaluate(async () => {
        const caches = await Promise.all((await globalThis.caches.keys()).map((name) => globalThis.caches.open(name)));
        const requests = await Promise.all(caches.map((cache) => cache.keys()));
        return requests.flat().map((it) => it.url).filter((url) => url.includes("/own-"));
      });

    await bring(4);
    await lab.notices.filter({ hasText: "Your files are being read." }).waitFor();
    await lab.page.waitForFunction(() => document.querySelector(".bringing progress")?.value > 0.03);
    assert.ok((await bar.evaluate((bar) => bar.value)) < 0.15, "it is still being read");
    const importer = lab.page.workers().find((worker) => worker.url().includes("importer"));
    await Promise.all([importer.waitForEvent("close"), lab.button("Cancel").click()]);
    await bar.waitFor({ state: "hidden" });
    await lab.notices.filter({ hasText: "The import was cancelled; nothing was changed." }).waitFor();
    assert.equal(lab.page.url(), url);
    assert.equal(await lab.alerts.count(), 0);
    assert.deepEqual(await kept(), []);
    await lab.setup.getByRole("tab", { name: "Run", exact: true }).click();
    const own = lab.setup.getByLabel("Dataset").locator("option[value^='own-']");
    assert.equal(await own.count(), 0);

    await lab.page.unrouteAll();
    const shares = await watched(lab);
    await bring(Infinity);
    const all = "Embeddings by old (365 dims), then new (365 dims); 10 classes, with up to 1000 training and 200 test items of each.";
    await lab.notices.filter({ hasText: all }).waitFor({ timeout: PACKING_MS });
    await bar.waitFor({ state: "hidden" });
    await lab.page.waitForURL(/[#&]data\.dataset=own-[0-9a-f]{8}(&|$)/);
    await lab.timeline.getByText("old, 365 dims").waitFor();
    assert.deepEqual(await own.allTextContents(), ["pair"]);
    assert.ok((await kept()).length > 0, "it was looked for where it is kept");
    const seen = await shares.jsonValue();
    assert.ok(seen.every((share, at) => at === 0 || share > seen[at - 1]), `${seen}`);
    assert.ok(seen.filter((share) => share > 0 && share < 0.15).length > 8, `while it was read: ${seen}`);
    assert.ok(seen.some((share) => share > 0.45), `while it was packed: ${seen}`);
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
