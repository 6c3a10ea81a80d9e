// Data as a reader may bring them: a table of small images, and embeddings by two models.

const [SIDE, CLASSES, EACH] = [8, ["bars", "border", "checks", "dots"], 30];

/** A table of small images: a pattern of its own for each class, and a speck that wanders. */
export function table() {
  const patterns = {
    bars: (x) => x % 2 === 0,
    border: (x, y) => x % (SIDE - 1) === 0 || y % (SIDE - 1) === 0,
    checks: (x, y) => (x + y) % 2 === 0,
    dots: (x, y) => x % 3 === 1 && y % 3 === 1,
  };
  const cells = [...Array(SIDE * SIDE).keys()];
  const row = (name, at) =>
    [name, ...cells.map((cell) => (cell === (7 * at) % cells.length ? 128 : patterns[name](cell % SIDE, cell >> 3) ? 230 : 20))].join(",");
  const rows = CLASSES.flatMap((name) => [...Array(EACH).keys()].map((at) => row(name, at)));
  return [["label", ...cells.map((cell) => `pixel${cell}`)].join(","), ...rows].join("\n");
}

/** An array as NumPy writes it: its type, its sides, its numbers. */
function npy(type, sides, numbers) {
  const about = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides.join(",")},), }`;
  // Ten bytes before it and the end of the line make a multiple of 64.
  const header = about.padEnd(Math.ceil((about.length + 11) / 64) * 64 - 11) + "\n";
  const begin = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00${header}`, "latin1");
  return Buffer.concat([begin, Buffer.from(numbers.buffer)]);
}

/** Embeddings of 4 classes by an old model, and by a new one that says the same with its dims in another order. */
export function embeddings(dims = 16, each = 30) {
  const noise = (at) => Math.sin(12.9898 * at + 4.1) * 0.45;
  const labels = [...Array(4 * each).keys()].map((row) => row % 4);
  const old = labels.map((label, row) => [...Array(dims).keys()].map((dim) => (dim % 4 === label ? 1 : 0) + noise(dims * row + dim)));
  const turned = old.map((row) => row.map((_, dim) => row[(7 * dim + 3) % dims]));
  const array = (rows) => npy("<f4", [rows.length, dims], Float32Array.from(rows.flat()));
  return [["old.npy", array(old)], ["new.npy", array(turned)], ["labels.npy", npy("|u1", [labels.length], Uint8Array.from(labels))]];
}
