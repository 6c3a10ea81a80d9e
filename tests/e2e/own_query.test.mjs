// A picture of the reader's own as a query: drawn, chosen, pasted, and what each model finds.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

/** Runs in the browser: the image of a thumbnail as a PNG file, as it is or with light and dark exchanged; in base64. */
async function cut(thumbnail, inverted) {
  const [, url] = getComputedStyle(thumbnail).backgroundImage.match(/url\("(.*)"\)/);
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const side = 28;
  const [x, y] = thumbnail.style.backgroundPosition.split(" ").map((share) => Number.parseFloat(share) / 100);
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const pen = canvas.getContext("2d");
  const start = (share, length) => -Math.round((share * (length - side)) / side) * side;
  pen.drawImage(image, start(x, image.width), start(y, image.height));
  if (inverted) {
    pen.globalCompositeOperation = "difference";
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, side, side);
  }
  return canvas.toDataURL().split(",")[1];
}

describe("a picture of one's own", { skip: ONLY_CPU }, () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  const dialog = (lab) => lab.page.getByRole("dialog", { name: "Own picture" });
  const row = (lab, pair) => dialog(lab).getByRole("listitem", { name: new RegExp(`^${pair}: `) });

  it("is drawn, chosen or pasted, made like those of the data, and searched for by every model", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.button("Own picture").click();
    await dialog(lab).getByText("Each model answers once it is trained.").waitFor();
    await lab.page.keyboard.press("Escape");
    await lab.playToTheEnd();
    await lab.pictured();
    const matrix = await lab.matrix();
    await lab.page.keyboard.press("q");
    await dialog(lab).getByText("Draw with the pen, or paste, drop or choose an image.").waitFor();

    const { x, y, width } = await dialog(lab).getByRole("img", { name: "Your picture", exact: true }).boundingBox();
    await lab.page.mouse.move(x + width / 3, y + width / 4);
    await lab.page.mouse.down();
    await lab.page.mouse.move(x + width / 3, y + (3 * width) / 4, { steps: 4 });
    await lab.page.mouse.up();
    for (const pair of ["old/old", "new/old", "new/new", "independent/old"]) await row(lab, pair).waitFor();
    assert.equal(await row(lab, "old/old").getByRole("listitem").count(), 10);
    await dialog(lab).getByText(/It has no label, so it counts in no score\.$/).waitFor();

    // An image of the gallery finds itself first, also where it was made dark on light.
    const query = lab.strips.locator(".query .thumbnail");
    const own = await query.evaluate((it) => it.style.background);
    const first = (pair) => row(lab, pair).getByRole("img").first().evaluate((it) => it.style.background);
    const invert = dialog(lab).getByLabel(/^Exchange light and dark/);
    const choose = async (name, base64) =>
      dialog(lab).getByLabel("Image to search for").setInputFiles({ name, mimeType: "image/png", buffer: Buffer.from(base64, "base64") });
    for (const inverted of [false, true]) {
      await choose("item.png", await query.evaluate(cut, inverted));
      await lab.page.waitForFunction((on) => {
        const [sheet, box] = [".sheet", "input[type=checkbox]"].map((name) => document.querySelector(`.own-query ${name}`));
        return sheet.width === 28 && box.checked === on;
      }, inverted);
      await dialog(lab).getByLabel(/^Cut to what stands/).uncheck();
      await lab.page.waitForFunction((own) => document.querySelector(".own-query ol .thumbnail").style.background === own, own);
      assert.equal(await first("new/new"), own);
      assert.equal(await invert.isChecked(), inverted);
    }

    // What is no image is refused in a sentence, and what was there stays.
    await choose("notes.png", Buffer.from("no image").toString("base64"));
    await dialog(lab).getByRole("alert").filter({ hasText: /^notes\.png cannot be read as an image: .*Choose a PNG/ }).waitFor();
    assert.equal(await first("new/new"), own);

    await dialog(lab).getByRole("button", { name: "Clear" }).click();
    await row(lab, "old/old").waitFor({ state: "hidden" });
    await lab.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
      document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }, await query.evaluate(cut, false));
    await row(lab, "old/old").waitFor();
    await lab.page.keyboard.press("Escape");
    assert.deepEqual(await lab.matrix(), matrix, "nothing of it counts");
    assert.deepEqual(lab.errors, []);
  });

  it("needs weights, which a recorded run has not, and pictures in a gallery", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open("");
    await lab.page.keyboard.press("q");
    await dialog(lab).getByText(/^A recorded run has no weights that could look for it\. Run it yourself/).waitFor();
    await dialog(lab).getByRole("button", { name: "Run it yourself" }).waitFor();
    assert.deepEqual(lab.errors, []);

    const other = await Lab.fresh(browser);
    await other.open("v=2&preset=parity");
    await other.page.keyboard.press("q");
    assert.equal(await other.button("Own picture").count(), 0);
    assert.equal(await dialog(other).isVisible(), false);
    assert.deepEqual(other.errors, []);
  });
});
