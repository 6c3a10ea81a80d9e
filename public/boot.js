// Starts the page. Trunk writes the names of the program's files, which carry a hash, into this script's element (see Trunk.toml).
const { js, wasm } = document.getElementById("boot").dataset;
try {
  const { default: init } = await import(js);
  await init({ module_or_path: wasm });
  document.getElementById("unstarted")?.remove();
} catch (error) {
  // What came may have been cut short or altered, and the browser may keep it: the next visit gets it anew. The program's script
  // imports others, and that a file came may be told after it was found unusable.
  const renewed = new Set();
  const renew = ({ name }) => {
    if (!/\.(js|wasm)$/.test(name) || renewed.has(name)) return;
    renewed.add(name);
    fetch(name, { cache: "reload" }).then((it) => it.arrayBuffer()).catch(() => {});
  };
  new PerformanceObserver((came) => came.getEntries().forEach(renew)).observe({ type: "resource", buffered: true });
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent = `The page could not start: ${error.message}. Reload it; if that does not help, update your browser.`;
  document.getElementById("unstarted")?.remove();
  document.body.prepend(message);
  throw error;
}
try {
  // Where the browser has none, or refuses it, the page needs a network at every visit; nothing else changes.
  navigator.serviceWorker?.register("sw.js").catch(() => {});
} catch {
  // So it does where even to ask is refused.
}
