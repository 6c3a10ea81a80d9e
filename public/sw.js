// Keeps the page, so that it works without a network after the first visit.
//
// One cache holds one build as a whole, taken in one go. The network goes first for whatever has the same name in every build, so
// that with a network nothing is ever old; without one, page and worker come from the same build. A newer build waits in a cache
// of its own until no page of the older one is open. Only what has the digest that the build gave it is kept: what was cut short or
// altered on its way is asked for anew.

// `cargo xtask build` writes a digest of all files here: another build is another script, which browsers notice by themselves.
const BUILD = "unbuilt";
// And here the names of the files that the page loads when a part of it is first shown.
const LATE = [];
// And the SHA-256 of each file by its path.
const DIGESTS = {};
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
  "article.md",
  "terms.md",
  "worker_loader.js",
  "worker.js",
  "worker_bg.wasm",
  "runs/extended-class.jsonl.gz",
];
// The name of a file with a hash changes with what is in it.
const SETTLED = /-[0-9a-f]{12,16}(_bg)?\.\w+$/;

const digestOf = (path) => DIGESTS[path === PAGE || path === "" ? "index.html" : path];

/** Whether a response holds what the build has under this path. */
async function isGood(path, response) {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("") === digestOf(path);
}

/** A file of this build: past what the browser keeps on its own where that is of an older build, and past all caches where it is no good. */
async function fetched(path) {
  for (const cache of ["no-cache", "reload"]) {
    const response = await fetch(new Request(path, { cache }));
    if (response.ok && (await isGood(path, response.clone()))) return response;
  }
  throw new Error(`${path} is not as it was built`);
}

async function keep() {
  const [page, manifest] = await Promise.all([PAGE, MANIFEST].map(fetched));
  const named = (await page.clone().text()).matchAll(/ (?:src|href|data-js|data-wasm)="\.\/([^"]+)"/g);
  const { datasets } = await manifest.json();
  const data = datasets.flatMap(({ files }) => files.map(({ path }) => `data/${path}`));
  const paths = new Set([...ALWAYS, ...LATE, ...Array.from(named, ([, path]) => path), ...data]);
  const cache = await caches.open(CACHE);
  await Promise.all(Array.from(paths, async (path) => cache.put(path, await fetched(path))));
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
  // Who asks for a file anew found what it got unusable.
  const anew = request.cache === "reload" && !isPage;
  const kept = await cache.match(isPage ? PAGE : request, { ignoreVary: true });
  if (kept && SETTLED.test(path) && !anew) return kept;
  try {
    // What the browser keeps on its own may be of an older build, too.
    const asIs = anew || request.mode === "navigate" || SETTLED.test(path);
    const response = await fetch(asIs ? request : new Request(request, { cache: "no-cache" }));
    if (response.status === 200 && (!kept || anew) && digestOf(path)) {
      const [read, put] = [response.clone(), response.clone()];
      event.waitUntil(isGood(path, read).then((good) => good && cache.put(request, put)));
    }
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
