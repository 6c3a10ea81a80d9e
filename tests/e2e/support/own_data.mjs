// Data as a reader may bring them: a table of small images, and embeddings by two models.

const [CLASSES, EACH] = [["bars", "border", "checks", "dots"], 30];

/** A table of small images: a pattern of its own for each class, and a speck that wanders. */
export function table(side = 8) {
  const patterns = {
    bars: (x) => x % 2 === 0,
    border: (x, y) => x % (side - 1) === 0 || y % (side - 1) === 0,
    checks: (x, y) => (x + y) % 2 === 0,
    dots: (x, y) => x % 3 === 1 && y % 3 === 1,
  };
  const cells = [...Array(side * side).keys()];
  const inked = (name, cell) => patterns[name](cell % side, Math.floor(cell / side));
  const row = (name, at) =>
    [name, ...cells.map((cell) => (cell === (7 * at) % cells.length ? 128 : inked(name, cell) ? 230 : 20))].join(",");
  const rows = CLASSES.flatMap((name) => [...Array(EACH).keys()].map((at) => row(name, at)));
  return [["label", ...cells.map((cell) => `pixel${cell}`)].join(","), ...rows].join("\n");
}

/** An array as NumPy writes it: its type, its sides, its numbers. */
export function npy(type, sides, numbers) {
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

/** Embeddings by two such models in an archive as NumPy's `savez` makes it, 70 MB of doubles: as many rows as are taken of 10 classes. */
export function archive() {
  const [rows, dims, classes] = [12_000, 365, 10];
  const [old, turned] = [new Float64Array(rows * dims), new Float64Array(rows * dims)];
  for (let row = 0; row < rows; row++) {
    const [begin, label] = [row * dims, row % classes];
    for (let dim = 0; dim < dims; dim++) {
      old[begin + dim] = (dim % classes === label ? 1 : 0) + Math.sin(12.9898 * (begin + dim) + 4.1) * 0.45;
    }
    for (let dim = 0; dim < dims; dim++) turned[begin + dim] = old[begin + ((7 * dim + 3) % dims)];
  }
  const labels = Uint8Array.from({ length: rows }, (_, row) => row % classes);
  const array = (numbers) => npy("<f8", [rows, dims], numbers);
  return stored([["old.npy", array(old)], ["new.npy", array(turned)], ["labels.npy", npy("|u1", [rows], labels)]]);
}

/** Files in a zip that packs none of them. */
function stored(files) {
  const [parts, list] = [[], []];
  let place = 0;
  for (const [name, bytes] of files) {
    // Version 2, the first day that it can name, the checksum, the size packed and unpacked, the length of the name.
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(0x21, 8);
    about.writeUInt32LE(crc32(bytes), 10);
    about.writeUInt32LE(bytes.length, 14);
    about.writeUInt32LE(bytes.length, 18);
    about.writeUInt16LE(name.length, 22);
    const head = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), about, Buffer.from(name, "latin1")]);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(place, 10);
    list.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), about, entry, Buffer.from(name, "latin1"));
    parts.push(head, bytes);
    place += head.length + bytes.length;
  }
  const entries = Buffer.concat(list);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(place, 12);
  return Buffer.concat([...parts, entries, Buffer.from("PK\x05\x06", "latin1"), end]);
}

/** What the checksum of a zip makes of each byte. */
const CHECKS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let check = byte;
  for (let bit = 0; bit < 8; bit++) check = check & 1 ? (check >>> 1) ^ 0xedb88320 : check >>> 1;
  return check;
});

/** The checksum of a zip; the lowest Node that runs these tests has none. */
function crc32(bytes) {
  let check = -1;
  for (let at = 0; at < bytes.length; at++) check = CHECKS[(check ^ bytes[at]) & 0xff] ^ (check >>> 8);
  return ~check >>> 0;
}
