//! What is fuzzed: every parser of bytes that others wrote, through the entrance that leads to it, and both entrances as a whole.
//!
//! A parser is chosen by the name of a file, so none is made public for this. To add one, write a function that makes whole files of its
//! form, and a line for it in [`all`]; both entrances as a whole then get its files too.

use std::io::{Cursor, Write};

use import::NamedFile;
use import::vectors::{Gathering, gather};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::{Dtype, tensor::TensorView};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::columns;
use super::mutate::mutate;

/// Whole files, of which the first `damaged` are damaged, one at a time.
#[derive(Clone)]
pub struct Seed {
    files: Vec<NamedFile>,
    damaged: usize,
}

/// Where files are handed in.
#[derive(Clone, Copy)]
enum Door {
    Import,
    Gather,
}

/// A parser or an entrance.
pub struct Target {
    /// As the command line names it.
    pub name: &'static str,
    doors: &'static [Door],
    seeds: Vec<Seed>,
    /// Most bytes that an input may take while it is read, beside what goes by its size: unpackers have windows and tables, and a short
    /// JPEG can announce many pixels.
    pub memory: usize,
    /// Makes sums of damaged bytes right again, where readers look at nothing without.
    mend: fn(&mut [u8]),
    /// Whether files also get other names, and lie beside those of other forms.
    whole: bool,
}

const IMPORT: &[Door] = &[Door::Import];
const GATHER: &[Door] = &[Door::Gather];
const BOTH: &[Door] = &[Door::Import, Door::Gather];

/// Bytes of the largest picture that is read, with what its decoder has beside it.
const PICTURE: usize = 512 << 20;

/// All targets.
pub fn all() -> Vec<Target> {
    let of = |name, doors, seeds| Target { name, doors, seeds, memory: 16 << 20, mend: |_| {}, whole: false };
    let mut targets = vec![
        of("npy", BOTH, npy()),
        of("npz", BOTH, archives()),
        of("gzip", BOTH, packed()),
        of("safetensors", BOTH, tensors()),
        of("json", GATHER, json()),
        of("jsonl", GATHER, jsonl()),
        of("csv", BOTH, tables()),
        of("qrels", GATHER, qrels()),
        of("names", BOTH, names()),
        of("parquet", GATHER, parquet()),
        of("arrow", GATHER, arrow()),
        Target { mend: png_sums, ..of("png", IMPORT, pictures("png", &pngs())) },
        Target { memory: PICTURE, ..of("jpeg", IMPORT, pictures("jpg", &jpegs())) },
        of("idx", IMPORT, idx()),
        of("cifar", IMPORT, cifar()),
        of("stacks", IMPORT, stacks()),
    ];
    let seeds: Vec<Seed> = targets.iter().flat_map(|target| target.seeds.clone()).collect();
    for (name, doors) in [("import", IMPORT), ("gather", GATHER)] {
        targets.push(Target { memory: PICTURE, whole: true, ..of(name, doors, seeds.clone()) });
    }
    targets
}

impl Target {
    /// The files of input `number`, the same whenever they are asked for.
    pub fn input(&self, seed: u64, number: u64) -> Vec<NamedFile> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number);
        let rng = &mut rng;
        let Some(Seed { mut files, damaged }) = self.any(rng).cloned() else { return Vec::new() };
        let other = self.any(rng).and_then(|seed| seed.files.first()).map(|file| file.bytes.as_slice());
        let (other, damaged) = (other.unwrap_or_default(), if self.whole { files.len() } else { damaged });
        let at = rng.random_range(0..damaged.max(1));
        if let Some(file) = files.get_mut(at) {
            mutate(rng, &mut file.bytes, other);
            if rng.random() {
                (self.mend)(&mut file.bytes);
            }
        }
        if self.whole {
            self.shuffle(rng, &mut files);
        }
        files
    }

    fn any(&self, rng: &mut ChaCha8Rng) -> Option<&Seed> {
        self.seeds.get(rng.random_range(0..self.seeds.len().max(1)))
    }

    /// Gives a file another name, brings one of another form, or leaves one out.
    fn shuffle(&self, rng: &mut ChaCha8Rng, files: &mut Vec<NamedFile>) {
        let at = rng.random_range(0..files.len().max(1));
        let from = self.any(rng).and_then(|seed| seed.files.get(rng.random_range(0..seed.files.len().max(1))));
        let Some(from) = from.cloned() else { return };
        match (rng.random_range(0..4), files.get_mut(at)) {
            (0, Some(file)) => file.path = from.path,
            (1, Some(_)) => {
                files.remove(at);
            }
            (2, _) => files.push(from),
            _ => {}
        }
    }

    /// Hands the files in.
    pub fn hand_in(&self, files: Vec<NamedFile>) {
        // What is refused is as good as what is taken: what is looked for panics, or takes too much.
        for door in self.doors {
            match door {
                Door::Import => drop(import::import(files.clone())),
                Door::Gather => drop(gather(files.clone(), &Gathering::default(), &mut |_| {})),
            }
        }
    }
}

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> NamedFile {
    NamedFile { path: path.into(), bytes: bytes.into() }
}

/// Files of which the first is damaged.
fn seed(files: impl IntoIterator<Item = NamedFile>) -> Seed {
    Seed { files: files.into_iter().collect(), damaged: 1 }
}

fn array(descr: &str, shape: &str, fortran: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\0", (header.len() as u16).to_le_bytes().as_slice(), header.as_bytes(), values].concat()
}

/// Rows of three numbers.
fn rows(count: u16) -> Vec<u8> {
    let values: Vec<u8> = (0..count * 3).flat_map(|at| (f32::from(at * 7 % 11) - 4.5).to_le_bytes()).collect();
    array("'<f4'", &format!("({count}, 3)"), "False", &values)
}

/// Labels 0 and 1 in turn.
fn turns(count: u16) -> Vec<u8> {
    let values: Vec<u8> = (0..count).map(|at| u8::from(at % 2 == 0)).collect();
    array("'|u1'", &format!("({count},)"), "False", &values)
}

fn npy() -> Vec<Seed> {
    let beside = || [file("new.npy", rows(16)), file("labels.npy", turns(16))];
    let halves = array("'>f2'", "(16, 2)", "True", &[0x3c; 64]);
    let words = array("'<U2'", "(16,)", "False", &[b'a', 0, 0, 0, b'b', 0, 0, 0].repeat(16));
    let bytes = array("'|S3'", "(16, 1)", "False", &b"catdog".repeat(8));
    let records = array("[('id', '<i8'), ('vector', '<f4', (3,))]", "(2,)", "False", &[0; 40]);
    let with = |old: Vec<u8>| seed([file("old.npy", old)].into_iter().chain(beside()));
    let mut seeds = vec![with(rows(16)), with(halves), with(records)];
    for labels in [words, bytes, turns(16)] {
        seeds.push(seed([file("labels.npy", labels), file("old.npy", rows(16)), file("new.npy", rows(16))]));
    }
    seeds
}

fn zipped<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [u8])>, method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (path, bytes) in entries {
        // In memory nothing of this fails; a seed that did would only be a worse one.
        let _ = writer.start_file(path, options).map(|()| writer.write_all(bytes));
    }
    writer.finish().map(Cursor::into_inner).unwrap_or_default()
}

fn archives() -> Vec<Seed> {
    let (old, new, labels) = (rows(8), rows(8), turns(8));
    let entries: [(&str, &[u8]); 3] = [("old.npy", &old), ("new.npy", &new), ("labels.npy", &labels)];
    let stored = zipped(entries, CompressionMethod::Stored);
    let nested = zipped([("a/pair.npz", stored.as_slice())], CompressionMethod::Deflated);
    let named = zipped([("\u{732b}/1.png", b"".as_slice()), ("b/2.txt", b"b\n")], CompressionMethod::Stored);
    vec![
        seed([file("pair.npz", zipped(entries, CompressionMethod::Deflated))]),
        seed([file("pair.npz", stored)]),
        seed([file("all.zip", nested)]),
        seed([file("all.zip", named)]),
    ]
}

fn packed() -> Vec<Seed> {
    let gzip = |bytes: &[u8]| data::gzip(bytes).unwrap_or_default();
    let table: String = (0..16).map(|at| format!("{},{at},0,1,2\n", at % 2)).collect();
    vec![
        seed([file("old.npy.gz", gzip(&rows(4))), file("new.npy", rows(4)), file("labels.npy", turns(4))]),
        seed([file("e.csv.gz", gzip(table.as_bytes()))]),
    ]
}

fn tensors() -> Vec<Seed> {
    let (halves, floats, marks) = ([0x3c; 32], [0x3e; 64], [0, 1, 0, 1, 0, 1, 0, 1]);
    let views = [
        ("old", TensorView::new(Dtype::F16, vec![8, 2], &halves)),
        ("new", TensorView::new(Dtype::F32, vec![8, 2], &floats)),
        ("labels", TensorView::new(Dtype::U8, vec![8], &marks)),
    ];
    let views = views.into_iter().filter_map(|(name, view)| Some((name, view.ok()?)));
    vec![seed([file("pair.safetensors", safetensors::serialize(views, None).unwrap_or_default())])]
}

/// Records of JSON.
fn records() -> Vec<String> {
    let record = |at: usize| {
        format!(
            "{{\"id\": \"d{at}\", \"old\": [{at}, 1.5, -2e0], \"new\": [3, {at}.25], \"label\": \"\\u00e9{}\"}}",
            at % 2
        )
    };
    (0..4).map(record).collect()
}

fn json() -> Vec<Seed> {
    let named = "{\"old\": {\"a\": [1, 2], \"b\": [3, 4]}, \"new\": {\"a\": [1, 2], \"b\": [0.5, -4]}}";
    let columns = "{\"ids\": [\"a\", \"b\"], \"old\": [[1, 2], [3, 4]], \"new\": [[1, 2, 3], [4, 5, 6]]}";
    let judged = [
        file("qrels.json", "{\"0\": {\"3\": 1}, \"1\": {\"2\": 2}}"),
        file("old.npy", rows(4)),
        file("new.npy", rows(4)),
    ];
    vec![
        seed([file("e.json", format!("[{}]", records().join(",")))]),
        seed([file("e.json", named)]),
        seed([file("e.json", columns)]),
        seed(judged),
    ]
}

fn jsonl() -> Vec<Seed> {
    let texts = "{\"_id\": \"0\", \"text\": \"a b\"}\n{\"_id\": \"1\", \"text\": \"c\"}\n";
    vec![
        seed([file("e.jsonl", records().join("\n"))]),
        seed([file("corpus.jsonl", texts), file("old.npy", rows(2)), file("new.npy", rows(2))]),
    ]
}

fn tables() -> Vec<Seed> {
    let cells: String = (0..4).map(|row| format!("d{row},\"[{row}, 1.5]\",{row},{row}.5,\"a \"\"b\"\"\"\n")).collect();
    let pixels: String = (0..16).map(|at| format!("{at},{},{at},0,1,2\n", at % 2)).collect();
    let listing: String = (0..16).map(|at| format!("{at:02},{}\n", at % 2)).collect();
    let images = (0..16).map(|at| file(&format!("images/{at:02}.png"), ""));
    vec![
        seed([file("e.csv", format!("id,old,new_0,new_1,label\n{cells}"))]),
        seed([file("e.tsv", "id\told\tnew\na\t[1, 2]\t[3, 4]\nb\t[5, 6]\t[7, 8]\n")]),
        seed([file("labels.csv", "id,label\n0,a\n1,b\n2,a\n"), file("old.npy", rows(3)), file("new.npy", rows(3))]),
        seed([file("digits.csv", format!("id,label,a,b,c,d\n{pixels}"))]),
        seed([file("train.csv", format!("id,label\n{listing}"))].into_iter().chain(images)),
    ]
}

fn qrels() -> Vec<Seed> {
    let with = |path: &str, text: &str| {
        let arrays = ["corpus_old.npy", "corpus_new.npy"].map(|path| file(path, rows(6)));
        let queries = ["queries_old.npy", "queries_new.npy"].map(|path| file(path, rows(3)));
        seed([file(path, text)].into_iter().chain(arrays).chain(queries))
    };
    vec![
        with("qrels/test.tsv", "query-id\tcorpus-id\tscore\n0\t3\t1\n2\t5\t0\n"),
        with("qrels.txt", "0 0 3 1\n1 0 5 2\n"),
        with("qrels.csv", "0,3\n1,4\n"),
    ]
}

fn names() -> Vec<Seed> {
    let beside = |path: &str, text: &str| seed([file(path, text), file("old.npy", rows(6)), file("new.npy", rows(6))]);
    vec![
        beside("labels.txt", "a\nb\na\nb\nc\nc\n"),
        beside("ids.lst", "x0\r\nx1\r\nx2\r\nx3\r\nx4\r\nx5"),
        seed([file("batches.meta.txt", "airplane\nautomobile\n\n"), file("data_batch_1.bin", [0; 3073])]),
    ]
}

/// A file of columns, as the tests have it.
macro_rules! fixture {
    ($name:literal) => {
        file($name, include_bytes!(concat!("../../src/vectors/tests/fixtures/", $name)).as_slice())
    };
}

fn parquet() -> Vec<Seed> {
    // Sums of pages are not looked at, so none are mended.
    let small = columns::ways().into_iter().map(|way| file("e.parquet", columns::parquet(way).unwrap_or_default()));
    let fixtures = [
        fixture!("none.parquet"),
        fixture!("snappy.parquet"),
        fixture!("gzip.parquet"),
        fixture!("zstd.parquet"),
        fixture!("lz4.parquet"),
        fixture!("delta.parquet"),
        fixture!("varied.parquet"),
        fixture!("bytes.parquet"),
        fixture!("pandas.parquet"),
    ];
    small.chain(fixtures).map(|file| seed([file])).collect()
}

fn arrow() -> Vec<Seed> {
    let fixtures =
        [fixture!("lz4.feather"), fixture!("zstd.feather"), fixture!("varied.arrows"), fixture!("bytes.arrow")];
    fixtures.into_iter().map(|file| seed([file])).collect()
}

/// One picture that is whole among others that are none, so that there are classes enough for it to be opened.
fn pictures(end: &str, whole: &[Vec<u8>]) -> Vec<Seed> {
    let others =
        |from: usize| (from..16).map(|at| file(&format!("{}/{at:02}.png", if at % 2 == 0 { "a" } else { "b" }), ""));
    whole.iter().map(|bytes| seed([file(&format!("a/00.{end}"), bytes.clone())].into_iter().chain(others(1)))).collect()
}

fn pngs() -> Vec<Vec<u8>> {
    let of = |colour: png::ColorType, depth: png::BitDepth, values: &[u8]| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 3, 2);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == png::ColorType::Indexed {
            encoder.set_palette(vec![1, 2, 3, 250, 251, 252]);
            encoder.set_trns(vec![0, 255]);
        }
        let _ = encoder.write_header().map(|mut writer| writer.write_image_data(values));
        bytes
    };
    vec![
        of(png::ColorType::Grayscale, png::BitDepth::Eight, &[0, 50, 100, 150, 200, 250]),
        of(png::ColorType::Rgba, png::BitDepth::Eight, &[77; 24]),
        of(png::ColorType::Rgb, png::BitDepth::Sixteen, &[1, 2, 3, 4, 5, 6].repeat(6)),
        of(png::ColorType::Indexed, png::BitDepth::One, &[0b0100_0000, 0b1010_0000]),
        of(png::ColorType::GrayscaleAlpha, png::BitDepth::Sixteen, &[0x0f; 24]),
    ]
}

/// Writes the sum of every chunk of a PNG file anew.
fn png_sums(bytes: &mut [u8]) {
    let mut rest = bytes.get_mut(8..).unwrap_or_default();
    while let Some((head, after)) = rest.split_first_chunk_mut::<4>() {
        let length = u32::from_be_bytes(*head) as usize;
        let Some((chunk, after)) = length.checked_add(4).and_then(|length| after.split_at_mut_checked(length)) else {
            return;
        };
        let Some((sum, after)) = after.split_first_chunk_mut::<4>() else { return };
        let mut crc = flate2::Crc::new();
        crc.update(chunk);
        *sum = crc.sum().to_be_bytes();
        rest = after;
    }
}

fn jpegs() -> Vec<Vec<u8>> {
    let of = |progressive: bool, colour, values: &[u8]| {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
        encoder.set_progressive(progressive);
        let _ = encoder.encode(values, 8, 8, colour);
        bytes
    };
    let colours: Vec<u8> = (0..192).map(|at: u8| at.wrapping_mul(13)).collect();
    let mut all = vec![
        of(false, jpeg_encoder::ColorType::Rgb, &colours),
        of(true, jpeg_encoder::ColorType::Rgb, &colours),
        of(false, jpeg_encoder::ColorType::Luma, colours.get(..64).unwrap_or_default()),
        of(false, jpeg_encoder::ColorType::Cmyk, &[colours.as_slice(), colours.get(..64).unwrap_or_default()].concat()),
    ];
    // How it stands, in a block of EXIF behind the first mark.
    let exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    if let Some((start, rest)) = all.first().and_then(|first| first.split_at_checked(2)) {
        all.push([start, exif, rest].concat());
    }
    all
}

fn idx() -> Vec<Seed> {
    let write = |shape: &[usize], values: Vec<u8>| {
        data::IdxArray::new(shape.to_vec(), values).map(|array| array.write()).unwrap_or_default()
    };
    let labels = || write(&[16], (0..16).map(|at| at % 2).collect());
    let grey = write(&[16, 2, 1], (0..32).collect());
    let colour = write(&[16, 1, 2, 3], (0..96).collect());
    let names = ["i.idx3-ubyte", "l.idx1-ubyte"];
    let [images, numbers] = names;
    vec![
        seed([file(images, grey.clone()), file(numbers, labels())]),
        seed([file(images, colour), file(numbers, labels())]),
        seed([file(numbers, labels()), file(images, grey)]),
    ]
}

fn cifar() -> Vec<Seed> {
    // One record is enough for a parser that only counts, and short files are damaged faster.
    vec![
        seed([file("data_batch_1.bin", vec![1; 3073])]),
        seed([file("train.bin", vec![1; 3074]), file("fine_label_names.txt", "a\nb\n")]),
    ]
}

fn stacks() -> Vec<Seed> {
    let images = array("'|u1'", "(16, 2, 1, 3)", "False", &(0..96).collect::<Vec<u8>>());
    let grey = array("'|u1'", "(16, 2, 2)", "False", &(0..64).collect::<Vec<u8>>());
    let of = |images: Vec<u8>| seed([file("x_train.npy", images), file("y_train.npy", turns(16))]);
    let labels_first = seed([file("y.npy", turns(16)), file("x.npy", grey.clone())]);
    vec![of(images), of(grey), labels_first]
}

/// The files by name and size, for a message.
pub fn described(files: &[NamedFile]) -> String {
    files.iter().map(|file| format!("{} ({} bytes)", file.path, file.bytes.len())).collect::<Vec<_>>().join(", ")
}
