// The browser under test or measured, and the server of the page, both told by the environment.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";
// The newest one that speaks to Firefox ESR: later ones ask for what Firefox has from 143 on.
import bidi from "playwright-core-bidi";

/** Address of the page. */
export const BASE_URL = process.env.BASE_URL ?? "http://127.0.0.1:8080/";

/** Whether this run is the one with WebGPU, on a software adapter. */
export const WEBGPU = process.env.WEBGPU === "1";

/** Whether this run is the one in Firefox; else the browser is Chromium. */
export const FIREFOX = process.env.FIREFOX !== undefined;

/** The program of Chromium. */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** For `skip` of tests that ask nothing new of a browser with WebGPU: a software adapter only makes them slower. */
export const ONLY_CPU = WEBGPU && "covered by the run without WebGPU";

/** For `skip` of tests that need an adapter. */
export const ONLY_WEBGPU = !WEBGPU && "needs WebGPU";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];
/** The page is composited as it is painted, without a GPU that is made of software and takes a core for it. */
const PAINTED = ["--disable-gpu", "--disable-software-rasterizer"];
/** A software adapter, unless the machine has a GPU and `BENCH_GPU=hardware` says to use it. */
const ADAPTER =
  process.env.BENCH_GPU === "hardware"
    ? ["--enable-unsafe-webgpu", "--enable-features=Vulkan"]
    : ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Starts a browser; the caller closes it. Its scrollbars take no room unless they are asked for; it has WebGL or WebGPU where it is to. */
export function launch({ scrollbars = false, webgpu = WEBGPU, webgl = webgpu, args = [] } = {}) {
  // What it is driven by is WebDriver BiDi, which every Firefox speaks.
  if (FIREFOX) return bidi._bidiFirefox.launch({ executablePath: process.env.FIREFOX });
  return chromium.launch({
    ignoreDefaultArgs: scrollbars ? ["--hide-scrollbars"] : [],
    executablePath: CHROMIUM,
    args: [...FLAGS, ...(webgpu ? ADAPTER : []), ...(webgl ? [] : PAINTED), ...args],
  });
}

/** Starts a browser that is told to keep nothing for any page; its one context ends it when it is closed. */
export async function launchForgetful() {
  const profile = await mkdtemp(join(tmpdir(), "upgrade-lab-"));
  await mkdir(join(profile, "Default"));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [...FLAGS, ...PAINTED],
    viewport: { width: 1280, height: 800 },
  });
  // The browser may still write to it for a moment.
  context.once("close", () => rm(profile, { recursive: true, force: true, maxRetries: 9 }));
  return context;
}
