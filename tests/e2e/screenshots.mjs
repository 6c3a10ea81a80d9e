// Takes a picture of every region and overlay, in both themes and at two widths. `cargo xtask screenshots` serves the page before.
//
// Environment: BASE_URL, CHROMIUM; SHOTS is the folder that the pictures go to. What is on show are recorded runs that ship with
// the page, so that nothing depends on the machine; only the list of runs needs runs of its own, whose times are set.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { launch } from "./support/browser.mjs";
import { Lab, QUICK } from "./support/lab.mjs";

const FOLDER = process.env.SHOTS;
const SIZES = [{ width: 1280, height: 800 }, { width: 400, height: 800 }];
const THEMES = ["light", "dark"];
/** What is taken, with titles. */
const PICTURES = {
  page: "The page at first paint",
  timeline: "Timeline and operation of the index",
  setup: "Set-up",
  matrix: "Compatibility matrix and verdict",
  strips: "Retrieval strips",
  ledger: "Ledger",
  classes: "Classes",
  scores: "Scores",
  blocks: "Blocks",
  curves: "Curves",
  map: "Map",
  tables: "Tables",
  numbers: "Numbers",
  exhibits: "Exhibits",
  transport: "Transport",
  learn: "The menu Learn",
  word: "A word explained",
  enlarged: "One instrument with all the room",
  palette: "Commands",
  shortcuts: "Shortcuts",
  tour: "A tour's card",
  library: "Library",
  runs: "Runs",
  sweep: "Sweep",
  own: "Own picture",
  article: "The article",
};
/** When the kept runs finished, a minute apart, and how long they took. */
const FINISHED = Date.UTC(2026, 0, 1, 12);
const SECONDS = 4.2;

/** What is drawn anew is drawn whole: otherwise edges depend on what happened to be drawn before. */
const STABLE = ["--disable-partial-raster"];

// Where a mouse is usual, scrollbars show; where a finger is, they do not.
const browsers = await Promise.all(SIZES.map(({ width }) => launch({ scrollbars: width > 1000, webgl: true, args: STABLE })));
try {
  const storageState = await keptRuns(browsers[0]);
  for (const [place, viewport] of SIZES.entries()) {
    for (const colorScheme of THEMES) await take(browsers[place], { viewport, colorScheme, storageState });
  }
  await writeFile(join(FOLDER, "README.md"), overview());
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
}

/** What the browser stores after two short runs, with times that are always the same. */
async function keptRuns(browser) {
  const lab = await Lab.fresh(browser);
  for (const method of ["bct", "bt2"]) {
    await lab.page.goto("about:blank");
    await lab.open(`${QUICK}&stages.1.method.id=${method}`);
    await lab.playToTheEnd();
  }
  await lab.button("Runs").click();
  await lab.page.getByRole("dialog", { name: "Runs" }).locator("tbody tr").nth(1).waitFor();
  const state = await lab.page.context().storageState({ indexedDB: true });
  await lab.page.context().close();
  const stores = state.origins.flatMap(({ indexedDB }) => indexedDB ?? []).flatMap(({ stores }) => stores);
  const drawer = (name) => stores.find((store) => store.name === name);
  drawer("records").records.forEach((row, place) => {
    const when = FINISHED + place * 60e3;
    row.value = JSON.stringify({ ...JSON.parse(row.value), id: when, when, seconds: SECONDS });
    row.key = when;
  });
  drawer("events").records = [];
  // Without the settings of those runs, which the page would come back to.
  for (const origin of state.origins) origin.localStorage = [];
  return state;
}

/** Every picture in one theme at one width. */
async function take(browser, { viewport, colorScheme, storageState }) {
  const still = { reducedMotion: "reduce", locale: "en-GB", timezoneId: "UTC", deviceScaleFactor: 1 };
  const lab = await Lab.fresh(browser, { viewport, colorScheme, storageState, ...still });
  const { page } = lab;
  const shooting = (lab) => async (name, target = lab.page) => {
    // Neither a hover nor a blinking caret.
    await lab.page.mouse.move(0, 0);
    await lab.settled();
    await target.screenshot({ path: join(FOLDER, file(name, colorScheme, viewport)), animations: "disabled" });
  };
  const shot = shooting(lab);
  await lab.open("");
  await lab.pictured();
  await lab.unroll();
  await shot("page");
  await shot("timeline", page.getByRole("banner"));
  await lab.unfold();
  await lab.unroll();
  await shot("setup", lab.setup);
  await shot("matrix", lab.matrixPanel);
  for (const tab of ["Strips", "Ledger", "Classes", "Scores", "Blocks"]) {
    await lab.strips.getByRole("tab", { name: tab }).click();
    await lab.unroll();
    await shot(tab.toLowerCase(), lab.strips);
  }
  await shot("curves", lab.curves);
  await shot("map", lab.map);
  await shot("transport", lab.transport);

  // What lies over the page lies over a window of the usual height.
  await page.setViewportSize(viewport);
  await lab.button("Learn").press("Enter");
  const ways = page.getByRole("list", { name: "Tours and the article" });
  await ways.getByRole("button").first().waitFor();
  await shot("learn", ways);
  await page.keyboard.press("Escape");
  await lab.verdict.getByRole("button", { name: "Tax" }).press("Enter");
  await lab.explanation.getByText("Tax", { exact: true }).waitFor();
  await shot("word", lab.explanation);
  await page.keyboard.press("Escape");
  await page.keyboard.press("4");
  await shot("enlarged", page.getByRole("main"));
  await page.keyboard.press("4");
  const dialog = (name) => page.getByRole("dialog", { name });
  await page.keyboard.press("Control+k");
  await shot("palette", dialog("Commands"));
  await page.keyboard.press("Escape");
  await lab.button("Shortcuts").click();
  await shot("shortcuts", dialog("Shortcuts"));
  await lab.button("Tour: Running the upgrade").click();
  await shot("tour", page.getByRole("region", { name: "Tour", exact: true }));
  await page.keyboard.press("Escape");
  await page.keyboard.press("l");
  await dialog("Library").getByRole("region").waitFor();
  await shot("library", dialog("Library"));
  await page.keyboard.press("Escape");
  await lab.button("Runs").click();
  for (const place of [0, 1]) await dialog("Runs").locator("tbody tr").nth(place).getByRole("checkbox").check();
  await shot("runs", dialog("Runs"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("w");
  await shot("sweep", dialog("Sweep"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("q");
  await dialog("Own picture").getByText("A recorded run has no weights").waitFor();
  await shot("own", dialog("Own picture"));
  await page.keyboard.press("Escape");

  await page.keyboard.press("a");
  await page.waitForFunction(() => document.activeElement.id === "article-title");
  await lab.article.getByRole("heading", { level: 3 }).first().evaluate((it) => it.scrollIntoView());
  await page.waitForFunction(articleDrawn);
  await shot("article");
  await page.context().close();

  // What a run of another kind of change has beside those panels.
  const other = await Lab.fresh(browser, { viewport, colorScheme, ...still });
  await other.open("v=2&preset=reflow&view.panels=tables,numbers,exhibits");
  const panel = (name) => other.page.getByRole("region", { name, exact: true });
  await panel("Tables").getByRole("table").waitFor();
  for (const name of ["Numbers", "Exhibits"]) await panel(name).getByRole("img").locator("svg").waitFor();
  await other.unroll();
  for (const name of ["Tables", "Numbers", "Exhibits"]) await shooting(other)(name.toLowerCase(), panel(name));
  await other.page.context().close();
  const errors = [...lab.errors, ...other.errors];
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

/** Runs in the browser: whether the parts of the article that are in sight have all their numbers and figures. */
function articleDrawn() {
  const isInSight = (it) => it.getBoundingClientRect().top < innerHeight && it.getBoundingClientRect().bottom > 0;
  const isTold = (it) => it.textContent !== "\u2026";
  const isDrawn = (it) => it.querySelector(".drawn > *") && [...it.querySelectorAll("b")].every(isTold);
  return [...document.querySelectorAll(".article .part")].filter(isInSight).every(isDrawn);
}

function file(name, theme, { width }) {
  return `${name}-${theme}-${width}.png`;
}

/** A page that shows all pictures, light beside dark. */
function overview() {
  const picture = (name, theme, size) => `![${name}, ${theme}, ${size.width} px](${file(name, theme, size)})`;
  const row = (name, size) => `| ${THEMES.map((theme) => picture(name, theme, size)).join(" | ")} |`;
  const part = ([name, title]) => [
    `## ${title}`,
    ...SIZES.map((size) => [`| ${THEMES.map((it) => `${it}, ${size.width} px`).join(" | ")} |`, "| --- | --- |", row(name, size)].join("\n")),
  ];
  const head = [
    "# The page in pictures",
    "Made by `cargo xtask screenshots` of recorded runs that ship with the page: every region and overlay, in both themes, in a window " +
      "of 1280 x 800 and in one 400 px wide. The same build, browser and fonts give the same bytes.",
  ];
  return `${[...head, ...Object.entries(PICTURES).flatMap(part)].join("\n\n")}\n`;
}
