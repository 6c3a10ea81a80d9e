// A server for the files of the lab's peers.

import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** Serves this folder with its node modules; gives the address and a way to stop. */
export async function servePeers() {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = createReadStream(join(root, normalize(decodeURIComponent(pathname))));
    file.on("open", () => response.writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream" }));
    file.on("error", () => response.writeHead(404).end());
    file.pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return { url: `http://127.0.0.1:${server.address().port}/`, stop };
}
