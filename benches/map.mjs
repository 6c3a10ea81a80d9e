// The map with 5,000 items: frames a second while the pointer moves over it and while its marks move, at rest and during a training.

import { gunzipSync } from "node:zlib";

import { launch } from "../tests/e2e/support/browser.mjs";
import { Lab } from "../tests/e2e/support/lab.mjs";
import { judged, number, table } from "./support/table.mjs";

const ITEMS = 5000;
const CLASSES = 10;
const SECONDS = 3;
const BAR = 50;
const RATIOS = [1, 2];
/** Long enough to last through every measurement. */
const LONG = "v=2&preset=extended-class&stages.0.schedule.epochs=200&stages.1.schedule.epochs=200";
const WAYS = ["hover", "morph"];

export async function map() {
  const browser = await launch({ webgl: true });
  try {
    const rows = [];
    for (const deviceScaleFactor of RATIOS) {
      for (const training of [false, true]) rows.push({ deviceScaleFactor, training, ...(await measure(browser, deviceScaleFactor, training)) });
    }
    const least = (training) => Math.min(...rows.filter((row) => row.training === training).flatMap((row) => WAYS.map((way) => row[way].rate)));
    const judge = (when, training) => judged(`Map at ${ITEMS} points, ${when}`, least(training), "frames a second", BAR, { atLeast: true });
    const line = ({ deviceScaleFactor, training, hover, morph }) => [
      `${deviceScaleFactor}`,
      training ? "training" : "idle",
      ...[hover, morph].flatMap(({ rate, work }) => [number(rate), `${number(work)} ms`]),
    ];
    const head = ["device pixel ratio", "worker", "hovering, frames a second", "work a frame", "morphing, frames a second", "work a frame"];
    const text = `## Map\n\n${ITEMS} items under both models; while training, a sweep goes on behind the run on show. Work is the page's own in the median frame, before the browser rasters:\n\n${table(head, rows.map(line))}`;
    return { bars: [judge("at rest", false), judge("during a training", true)], text };
  } finally {
    await browser.close();
  }
}

async function measure(browser, deviceScaleFactor, training) {
  const lab = await Lab.fresh(browser, { deviceScaleFactor, colorScheme: "light" });
  await lab.open(training ? LONG : "");
  if (training) {
    // A run of one's own waits while another one is on show; those of a sweep do not.
    await lab.page.keyboard.press("w");
    const dialog = lab.page.getByRole("dialog", { name: "Sweep" });
    await dialog.getByLabel("Seeds").fill("1");
    await dialog.getByRole("button", { name: "Start", exact: true }).click();
    await lab.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
  }
  const underWay = lab.page.locator(".under-way");
  const events = await crowded(lab.page);
  await lab.page.getByLabel("Files to open").setInputFiles({ name: "crowded.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(events) });
  await lab.onShow.getByText("Opened: crowded.jsonl", { exact: true }).waitFor();
  const canvas = lab.map.getByRole("img");
  const found = {};
  found.hover = await canvas.evaluate(drive, { way: "hover", seconds: SECONDS });
  await lab.map.getByRole("button", { name: "morph", exact: true }).click();
  await lab.map.getByLabel("From old to new places").waitFor();
  found.morph = await canvas.evaluate(drive, { way: "morph", seconds: SECONDS });
  // Otherwise it was at rest.
  if (training) await underWay.waitFor();
  if (lab.errors.length > 0) throw new Error(lab.errors.join("\n"));
  await lab.page.context().close();
  return found;
}

/** The events of the recorded run that ships with the page, with so many items on the map. */
async function crowded(page) {
  const packed = await page.request.get(new URL("runs/extended-class.jsonl.gz", page.url()).href);
  const items = Uint16Array.from({ length: ITEMS }, (_, item) => item);
  const labels = Uint8Array.from({ length: ITEMS }, (_, item) => item % CLASSES);
  const bytes = (array) => Buffer.from(array.buffer).toString("base64");
  const lines = gunzipSync(await packed.body()).toString().trim().split("\n").map((line) => JSON.parse(line));
  const change = {
    dataset_loaded: (event) => ({ ...event, test_labels: bytes(labels) }),
    embeddings_projected: (event) => ({ ...event, items: bytes(items), points: bytes(cloud(event.model === "v1" ? 0 : 0.7)) }),
  };
  return lines.map((event) => JSON.stringify(change[event.event]?.(event) ?? event)).join("\n");
}

/** Two coordinates for each item: classes as discs around a circle, turned by so much. */
function cloud(turn) {
  const points = new Float32Array(2 * ITEMS);
  for (let item = 0; item < ITEMS; item += 1) {
    const around = turn + (2 * Math.PI * (item % CLASSES)) / CLASSES;
    // A sunflower: even, and without chance.
    const [radius, angle] = [0.35 * Math.sqrt(item / ITEMS), 2.39996 * item];
    points[2 * item] = Math.cos(around) + radius * Math.cos(angle);
    points[2 * item + 1] = Math.sin(around) + radius * Math.sin(angle);
  }
  return points;
}

/** Runs in the browser: has the map drawn anew in every frame; gives the rate and the median of the page's own work. */
function drive(canvas, { way, seconds }) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const slider = document.querySelector(".map .morph input");
  const push = {
    // Along the circle of marks, so that every frame finds another one.
    hover: (frame) => {
      const [angle, radius] = [frame / 20, Math.min(width, height) / 3.13];
      const at = { clientX: left + width / 2 + radius * Math.cos(angle), clientY: top + height / 2 + radius * Math.sin(angle) };
      canvas.dispatchEvent(new PointerEvent("pointermove", { ...at, bubbles: true }));
    },
    morph: (frame) => {
      slider.value = (1 + (frame % 98)) / 100;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    },
  }[way];
  return new Promise((resolve) => {
    const work = [];
    let [begun, before] = [0, 0];
    const next = () => [step, after].forEach(requestAnimationFrame);
    const step = () => {
      before = performance.now();
      push(work.length);
    };
    // The page draws as soon as the callback before this one of the same frame is over.
    const after = (now) => {
      begun ||= now;
      work.push(performance.now() - before);
      if (now - begun < seconds * 1e3) return next();
      const rate = (1e3 * (work.length - 1)) / (now - begun);
      resolve({ rate, work: work.sort((one, other) => one - other)[work.length >> 1] });
    };
    next();
  });
}
