// Keeps the page, so that it works without a network after the first visit.
//
// One cache holds one build as a whole, taken in one go. The network goes first for whatever has the same name in every build, so
// that with a network nothing is ever old; without one, page and worker come from the same build. A newer build waits in a cache
// of its own until no page of the older one is open.

// `cargo xtask build` writes a digest of all files here: another build is another script, which browsers notice by themselves.
const BUILD = "unbuilt";
// And here the names of the files that the page loads when a part of it is first shown.
const LATE = [];
const OURS = `upgrade-lab ${registration.scope} `;
const CACHE = OURS + BUILD;

// What every visit needs besides the files that the document and the manifest of the datasets name. The workers with the WebGPU engine and
// with every family of methods are larger and are kept where they were used.
const PAGE = "./";
const MANIFEST = "data/manifest.json";
const ALWAYS = [
  MANIFEST,
  "boot.js",
  "catalogue.json",
  "worker_loader.js",
  "worker.js",
  "worker_bg.wasm",
  "runs/extended-class.jsonl.gz",
];
// The name of a file with a hash changes with what is in it; data and runs change with the build at most.
const SETTLED = /-[0-9a-f]{12,16}(_bg)?\.\w+$|^data\/|^runs\//;

// Past what the browser keeps on its own, which may be of an older build.
const fresh = (path) => new Request(path, { cache: "no-cache" });

async function keep() {
  const [page, manifest] = await Promise.all([PAGE, MANIFEST].map((path) => fetch(fresh(path))));
  if (!page.ok || !manifest.ok) throw new Error("the page cannot be kept");
  const named = (await page.clone().text()).matchAll(/ (?:src|href|data-js|data-wasm)="\.\/([^"]+)"/g);
  const { datasets } = await manifest.json();
  const data = datasets.flatMap(({ files }) => files.map(({ path }) => `data/${path}`));
  const paths = new Set([...ALWAYS, ...LATE, ...Array.from(named, ([, path]) => path), ...data]);
  const cache = await caches.open(CACHE);
  await cache.addAll(Array.from(paths, fresh));
  await cache.put(PAGE, page);
}

async function forgetOthers() {
  const others = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

async function answer(event, path) {
  const { request } = event;
  const cache = await caches.open(CACHE);
  const isPage = request.mode === "navigate" && (path === "" || path === "index.html");
  const kept = await cache.match(isPage ? PAGE : request, { ignoreVary: true });
  if (kept && SETTLED.test(path)) return kept;
  try {
    const response = await fetch(request);
    // While another build waits, what comes may be part of that one.
    const alone = !registration.installing && !registration.waiting;
    if (response.status === 200 && !kept && alone) event.waitUntil(cache.put(request, response.clone()));
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !url.startsWith(registration.scope)) return;
  const path = url.slice(registration.scope.length).replace(/[?#].*$/s, "");
  event.respondWith(answer(event, path));
});
