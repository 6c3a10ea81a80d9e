// Two embedding models and a reader's own vectors: what to do is decided in a worker of its own, read in the page, and taken home.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { audit } from "./support/axe.mjs";
import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";
import { misfits } from "./support/layout.mjs";
import { npy } from "./support/own_data.mjs";

const [DOCUMENTS, QUERIES, DIMS] = [240, 80, 16];

/** Longer than a decision about real text models takes where other tests run beside it. */
const DECIDED_MS = 180_000;

/**
 * Vectors of documents and of queries, each of which asks for the document of its number, by two models: the old one sees a query through
 * more noise, and both say the same with their dims in another order.
 */
function vectors([old, fresh] = ["old", "new"]) {
  const wave = (at, pace) => Math.sin(pace * at * at + 1.7 * at + 0.3);
  const rows = (count) => [...Array(count).keys()];
  const documents = rows(DOCUMENTS).map((row) => rows(DIMS).map((dim) => wave(DIMS * row + dim, 12.9898)));
  const asked = (noise) => rows(QUERIES).map((row) => rows(DIMS).map((dim) => documents[row][dim] + noise * wave(DIMS * row + dim, 78.233)));
  const turned = (all) => all.map((row) => row.map((_, dim) => row[(7 * dim + 3) % DIMS]));
  const array = (all) => npy("<f4", [all.length, DIMS], Float32Array.from(all.flat()));
  const pairs = rows(QUERIES).map((row) => `q${row}\tc${row}\t1`);
  return [
    [`${old}_corpus.npy`, array(documents)],
    [`${fresh}_corpus.npy`, array(turned(documents))],
    [`${old}_queries.npy`, array(asked(1.2))],
    [`${fresh}_queries.npy`, array(turned(asked(0.3)))],
    ["corpus_ids.txt", Buffer.from(rows(DOCUMENTS).map((row) => `c${row}`).join("\n"))],
    ["query_ids.txt", Buffer.from(rows(QUERIES).map((row) => `q${row}`).join("\n"))],
    ["qrels.tsv", Buffer.from(["query-id\tcorpus-id\tscore", ...pairs].join("\n"))],
  ];
}

/** Hands files to the dialog. */
async function choose(dialog, files) {
  const chosen = files.map(([name, buffer]) => ({ name, mimeType: "application/octet-stream", buffer }));
  await dialog.getByLabel("Vectors of both models", { exact: true }).setInputFiles(chosen);
}

describe("a decision between two embedding models", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  async function opened(options) {
    const lab = await Lab.fresh(browser, options);
    await lab.open("");
    await lab.page.keyboard.press("d");
    const dialog = lab.page.getByRole("dialog", { name: "Decide" });
    await dialog.getByRole("heading", { name: "Re-index, bridge, cascade or stay?" }).waitFor();
    return [lab, dialog];
  }

  it("is made of one's own files, said with its reasons, and taken home", async () => {
    const [lab, dialog] = await opened();
    await audit(lab, "what is asked for");
    await choose(dialog, vectors());
    const decision = dialog.getByRole("article", { name: "The decision" });
    await decision.getByRole("heading", { name: /^old → new: / }).waitFor();
    assert.match(await decision.locator(".lead").innerText(), /./);
    const options = decision.getByRole("region", { name: /^Options, old → new$/ });
    for (const option of [/^stay/i, /re-index/i, /procrustes/i]) await options.getByRole("rowheader", { name: option }).first().waitFor();
    await decision.getByRole("img", { name: /of every option with its 95 % interval$/ }).waitFor();
    await audit(lab, "a report");
    assert.deepEqual(await misfits(lab.page), []);

    const [download] = await Promise.all([lab.page.waitForEvent("download"), decision.getByRole("button", { name: "report.json" }).click()]);
    const chunks = await (await download.createReadStream()).toArray();
    const report = JSON.parse(Buffer.concat(chunks).toString());
    assert.equal(download.suggestedFilename(), "report.json");
    const title = await decision.getByRole("heading", { level: 3 }).first().innerText();
    assert.equal(title, `old → new: ${title.split(": ")[1]}`);
    assert.ok(JSON.stringify(report).includes('"new"'), "the report names its models");
    await decision.getByText(/^The bridge, with what applies it \(\d+\)$/).click();
    await decision.getByRole("button", { name: /^bridge-queries-.*\.onnx$/ }).waitFor();
    const [whole] = await Promise.all([lab.page.waitForEvent("download"), decision.getByRole("button", { name: "decision.zip" }).click()]);
    const archive = Buffer.concat(await (await whole.createReadStream()).toArray());
    assert.equal(archive.subarray(0, 2).toString(), "PK");
    assert.ok(archive.includes("bridge/queries/bridge.onnx"));

    // What stands behind the decision is open, the rest a press away.
    const settings = decision.getByRole("region", { name: /^Settings, old → new$/ });
    assert.equal(await settings.count(), 0);
    await decision.getByRole("heading", { name: /^Settings, old → new$/ }).click();
    await settings.waitFor();

    // Asked otherwise, it is decided anew.
    await dialog.getByLabel("Documents per answer").fill("0");
    await dialog.getByLabel("Documents per answer").press("Enter");
    await dialog.getByRole("alert").filter({ hasText: "Documents per answer: write a whole number from 1 to 1000." }).waitFor();
    assert.equal(await dialog.getByLabel("Documents per answer").getAttribute("aria-invalid"), "true");
    await dialog.getByLabel("Documents per answer").fill("3");
    await dialog.getByLabel("Documents per answer").press("Enter");
    await dialog.getByRole("button", { name: "Decide again" }).click();
    await decision.getByText(/@3\b/).first().waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    await dialog.waitFor({ state: "hidden" });
    await lab.page.keyboard.press("d");
    await decision.getByText(/@3\b/).first().waitFor();
    assert.deepEqual(lab.errors, []);
  });

  it("asks which model is the old one where names do not tell", async () => {
    const [lab, dialog] = await opened({ viewport: { width: 400, height: 800 } });
    await choose(dialog, vectors(["pear", "quince"]));
    await dialog.getByRole("alert").filter({ hasText: /^Which model is the old one\? / }).waitFor();
    await audit(lab, "the question");
    await dialog.getByRole("group", { name: "Which model is the old one?" }).getByRole("button", { name: "quince" }).click();
    await dialog.getByRole("heading", { name: /^quince → pear: / }).waitFor();
    await audit(lab, "a report on a phone");
    // Once said, it is not asked again of the same files.
    await dialog.getByRole("button", { name: "Decide again" }).click();
    await dialog.getByRole("heading", { name: /^quince → pear: / }).waitFor();
    // Below the dialog the transport lies over the page, as it does on a phone.
    assert.deepEqual((await misfits(lab.page)).filter((it) => !it.includes(".transport")), []);
    assert.deepEqual(lab.errors, []);
  });

  it("can be tried on real text models, and a word looked up", async () => {
    const [lab, dialog] = await opened();
    await dialog.getByRole("button", { name: /^GloVe/ }).click();
    const decision = dialog.getByRole("article", { name: "The decision" });
    await decision.getByRole("heading", { name: "glove-50 → minilm-384: re-index" }).waitFor({ timeout: DECIDED_MS });
    await decision.getByRole("heading", { name: /^By task/ }).waitFor();
    const lookup = decision.getByRole("region", { name: "One query" });
    // Typed in full, a word is shown at once.
    await lookup.getByRole("searchbox").fill("Healing");
    await lookup.getByText("“healing” (words)").waitFor();
    const answered = async (option) => lookup.locator(".option", { has: lab.page.getByRole("heading", { name: option, exact: true }) }).getByRole("listitem").allInnerTexts();
    assert.equal((await answered("Stay")).length, 5);
    const [first] = await answered("Full re-index");
    assert.match(first, /healing.*relevant$/s);
    // Half typed, words are offered; what nothing has is said.
    await lookup.getByRole("searchbox").fill("qqq");
    await lookup.getByText(/^None of the [\d,]+ queries has that in it\.$/).waitFor();
    await lookup.getByRole("searchbox").fill("monk");
    await lookup.getByRole("button", { name: "monkey", exact: true }).press("Enter");
    await lookup.getByText("“monkey” (words)").waitFor();
    await audit(lab, "a query looked up");
    assert.deepEqual(await misfits(lab.page), []);
    assert.deepEqual(lab.errors, []);
  });

  it("is led to by an address, which names the models on show", async () => {
    const lab = await Lab.fresh(browser);
    await lab.page.route("**/decider_bg.wasm", () => {});
    await lab.open("view.decide=minilm-4bit-to-minilm-384");
    const dialog = lab.page.getByRole("dialog", { name: "Decide" });
    await dialog.getByRole("status").filter({ hasText: "At work: looking at the files." }).waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.getByRole("button", { name: /^MiniLM \(384\)/ }).click();
    await lab.page.waitForURL(/view\.decide=minilm-384-to-glove-50/);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await lab.page.waitForURL((url) => !url.hash.includes("view.decide"));
    assert.deepEqual(lab.errors, []);
  });

  it("says what is missing, and can be given up", async () => {
    const [lab, dialog] = await opened();
    await choose(dialog, vectors().slice(0, 1));
    await dialog.getByRole("alert").filter({ hasText: /^Nothing was decided\. / }).waitFor();
    // A decider that never comes leaves all the time that there is.
    await lab.page.route("**/decider_bg.wasm", () => {});
    await choose(dialog, vectors());
    await dialog.getByRole("status").filter({ hasText: "At work: looking at the files." }).waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.getByText("Documents under both models").waitFor();
    assert.equal(await dialog.getByRole("progressbar").count(), 0);
    assert.deepEqual(lab.errors, []);
  });
});
