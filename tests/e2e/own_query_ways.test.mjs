// Other ways to a picture of one's own than the mouse: an image that is dropped, and a finger.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { launch, ONLY_CPU } from "./support/browser.mjs";
import { Lab } from "./support/lab.mjs";

/** Side of the pictures, in pixels. */
const SIDE = 28;

/** Runs in the browser: the image of a thumbnail as a PNG file in base64. */
async function cut(thumbnail, side) {
  const [, url] = getComputedStyle(thumbnail).backgroundImage.match(/url\("(.*)"\)/);
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  const [x, y] = thumbnail.style.backgroundPosition.split(" ").map((share) => Number.parseFloat(share) / 100);
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const start = (share, length) => -Math.round((share * (length - side)) / side) * side;
  canvas.getContext("2d").drawImage(image, start(x, image.width), start(y, image.height));
  return canvas.toDataURL().split(",")[1];
}

/** Runs in the browser: in which rows of a canvas there is ink. */
function inked(canvas) {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const lit = (row) => [...Array(width).keys()].some((column) => data[4 * (row * width + column)] > 127);
  return [...Array(height).keys()].filter(lit);
}

describe("a picture of one's own", { skip: ONLY_CPU }, () => {
  let browser, folder;
  before(async () => {
    browser = await launch();
    folder = await mkdtemp(join(tmpdir(), "upgrade-lab-"));
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const dialog = (lab) => lab.page.getByRole("dialog", { name: "Own picture" });
  const sheet = (lab) => dialog(lab).getByRole("img", { name: "Your picture", exact: true });
  const row = (lab, pair) => dialog(lab).getByRole("listitem", { name: new RegExp(`^${pair}: `) });

  /** Carries a file of this machine over the page and lets it go on an element, as a hand does. */
  async function drop(lab, element, path) {
    const { x, y, width, height } = await element.boundingBox();
    const client = await lab.page.context().newCDPSession(lab.page);
    const carried = { x: x + width / 2, y: y + height / 2, data: { items: [], files: [path], dragOperationsMask: 1 } };
    for (const type of ["dragEnter", "dragOver", "drop"]) await client.send("Input.dispatchDragEvent", { type, ...carried });
    await client.detach();
  }

  it("is taken where it is dropped on the dialog, and is no import", async () => {
    const lab = await Lab.fresh(browser);
    await lab.open();
    await lab.playToTheEnd();
    await lab.pictured();
    const [url, matrix] = [lab.page.url(), await lab.matrix()];
    const query = lab.strips.locator(".query .thumbnail");
    const own = await query.evaluate((it) => it.style.background);
    const [item, notes] = ["item.png", "notes.png"].map((name) => join(folder, name));
    await writeFile(item, Buffer.from(await query.evaluate(cut, SIDE), "base64"));
    await writeFile(notes, "no image");

    await lab.button("Own picture").click();
    await dialog(lab).getByText("Draw with the pen, or paste, drop or choose an image.").waitFor();
    await drop(lab, sheet(lab), item);
    for (const pair of ["old/old", "new/old", "new/new", "independent/old"]) await row(lab, pair).waitFor();
    assert.equal(await sheet(lab).evaluate((sheet) => sheet.width), SIDE);
    // As it is in the gallery it finds itself first.
    await dialog(lab).getByLabel(/^Cut to what stands/).uncheck();
    await lab.page.waitForFunction((own) => document.querySelector(".own-query ol .thumbnail").style.background === own, own);
    const first = () => row(lab, "new/new").getByRole("img").first().evaluate((it) => it.style.background);
    assert.equal(await first(), own);

    // Anywhere on the dialog; what is no image is refused there.
    await drop(lab, dialog(lab).getByRole("heading"), notes);
    await dialog(lab).getByRole("alert").filter({ hasText: /^notes\.png cannot be read as an image: / }).waitFor();
    assert.equal(await first(), own);
    assert.equal(lab.page.url(), url);
    assert.equal(await lab.page.getByRole("progressbar", { name: "Progress of the import" }).count(), 0);
    assert.equal(await lab.alerts.count(), 0, "nothing was imported");
    await lab.page.keyboard.press("Escape");
    await dialog(lab).waitFor({ state: "hidden" });
    assert.deepEqual(await lab.matrix(), matrix);
    assert.deepEqual(lab.errors, []);
  });

  it("is drawn by a finger, under which nothing scrolls", async () => {
    const lab = await Lab.fresh(browser, { viewport: { width: 400, height: 800 }, hasTouch: true, isMobile: true });
    await lab.open();
    await lab.playToTheEnd();
    await lab.pictured();
    await lab.button("Own picture").tap();
    await dialog(lab).getByText("Draw with the pen, or paste, drop or choose an image.").waitFor();
    await sheet(lab).scrollIntoViewIfNeeded();
    assert.equal((await sheet(lab).evaluate(inked)).length, 0);

    const scrolled = () => dialog(lab).evaluate((it) => [it.scrollTop, scrollY]);
    const [before, box] = [await scrolled(), await sheet(lab).boundingBox()];
    const client = await lab.page.context().newCDPSession(lab.page);
    const touch = (type, share) => {
      const at = share === undefined ? [] : [{ x: box.x + box.width / 3, y: box.y + share * box.height, id: 0 }];
      return client.send("Input.dispatchTouchEvent", { type, touchPoints: at });
    };
    // From the lower part to the upper one, as a finger scrolls.
    await touch("touchStart", 0.75);
    for (const share of [0.65, 0.55, 0.45, 0.35, 0.25]) await touch("touchMove", share);
    await touch("touchEnd");
    await row(lab, "old/old").waitFor();
    const rows = await sheet(lab).evaluate(inked);
    assert.ok(rows.length >= SIDE / 3, `ink in rows ${rows}`);
    assert.deepEqual(await scrolled(), before);
    assert.deepEqual(lab.errors, []);
  });
});
