//! Which file is of which form, and what is in all of them.

use protocol::{ImportProgress, ImportStage};

use super::error::VectorsError;
use super::limits;
use super::naming::{self, Use};
use super::records::{PER_WORD, too_long};
use super::sources::Store;
use super::things::{Body, Names, Thing, cut};
use super::{columns, delimited, json, lines, npy, qrels, tensors};
use crate::input::kind::NPY;

/// Words in a list that has no name for what it is; longer ones are texts.
const WORD: usize = 128;

/// What all files hold, in the order of their paths; and paths of those that hold nothing for this.
pub(super) fn survey(
    store: &mut Store,
    tell: &mut dyn FnMut(ImportProgress),
) -> Result<(Vec<Thing>, Vec<String>), VectorsError> {
    let (mut things, mut others) = (Vec::new(), Vec::new());
    let (mut seen, mut text_bytes) = (0, 0);
    for entry in 0..store.len() {
        tell(ImportProgress { stage: ImportStage::Reading, share: entry as f64 / store.len() as f64 });
        let path = store.path(entry).to_owned();
        let lower = path.to_lowercase();
        let name = lower.strip_suffix(".gz").unwrap_or(&lower);
        let is = |extensions: &[&str]| extensions.iter().any(|extension| name.ends_with(extension));
        let head = store.head(entry);
        let whole = |body: Body| Thing { path: path.clone(), bundle: None, body };
        let judges = naming::judges(&path);
        match () {
            () if head.starts_with(NPY) || is(&[".npy"]) => {
                let body = npy::read(store, entry, &path, naming::use_of(&path))?;
                things.push(whole(body));
            }
            () if head.starts_with(columns::parquet::MAGIC) || is(&[".parquet", ".pq"]) => {
                things.extend(columns::parquet::read(store, entry, &path)?);
            }
            () if head.starts_with(columns::arrow::MAGIC) || is(&[".arrow", ".arrows", ".ipc"]) => {
                things.extend(columns::arrow::read(store, entry, &path)?);
            }
            () if is(&[".safetensors"]) => things.extend(tensors::read(store, entry, &path)?),
            () if is(&[".jsonl", ".ndjson"]) => things.extend(json::lines(store, entry, &path)?),
            () if is(&[".json"]) => things.extend(json::whole(store, entry, &path)?),
            () if is(&[".qrels", ".qrel", ".trec"]) || judges && is(&[".txt", ".tsv", ".csv", ".tab"]) => {
                things.push(whole(Body::Judgements(qrels::read(store, entry, &path)?)));
            }
            () if is(&[".csv", ".tsv", ".tab"]) => things.extend(delimited::read(store, entry, &path)?),
            () if is(&[".txt", ".ids", ".lst"]) => {
                let names = lines::names(store, entry, &path)?;
                let texts = names.values.iter().any(|name| name.len() > WORD);
                things.push(whole(match naming::use_of(&path) {
                    None if texts => Body::Extra("its lines are texts, and neither ids nor labels".to_owned()),
                    _ => Body::Names(names),
                }));
            }
            () if head.starts_with(columns::arrow::CONTINUED) || is(&[".feather"]) && !head.starts_with(b"FEA1") => {
                things.extend(columns::arrow::read(store, entry, &path)?);
            }
            () => match refused(&path, name, &head) {
                Some(fault) => things.push(whole(Body::Refused(fault))),
                None => others.push(path),
            },
        }
        things.iter_mut().skip(seen).for_each(|thing| bound_texts(thing, &mut text_bytes));
        seen = things.len();
    }
    Ok((things, others))
}

/// Cuts the texts of `thing`, if they are some, and forgets them where those of all files take more than may be. `held` is how much those
/// before take.
fn bound_texts(thing: &mut Thing, held: &mut usize) {
    let Body::Names(Names { values, .. }) = &mut thing.body else { return };
    if naming::use_of(&thing.path) != Some(Use::Texts) {
        return;
    }
    values.iter_mut().for_each(|text| *text = cut(text));
    let bytes = values.iter().map(|text| text.len().saturating_add(PER_WORD)).fold(*held, usize::saturating_add);
    match bytes <= limits::TEXT_BYTES {
        true => *held = bytes,
        false => thing.body = Body::Extra(too_long()),
    }
}

/// Why a file of another form that can hold vectors is not read.
fn refused(path: &str, lower: &str, head: &[u8]) -> Option<VectorsError> {
    let is = |extensions: &[&str]| extensions.iter().any(|extension| lower.ends_with(extension));
    let target = path.rsplit('/').next().unwrap_or(path);
    let target = target.split('.').next().unwrap_or(target);
    let frame = format!("pd.read_feather('{path}').to_parquet('{target}.parquet')");
    let (form, remedy) = match () {
        () if head.starts_with(b"FEA1") => ("a Feather file of the first version", frame),
        () if head.starts_with(b"\x89HDF\r\n\x1a\n") || is(&[".h5", ".hdf5", ".hdf"]) => (
            "an HDF5 file",
            format!(
                "f = h5py.File('{path}'), then np.save('{target}.npy', f['embeddings'][:]) for each dataset (list(f) names them)"
            ),
        ),
        () if is(&[".pt", ".pth"]) => (
            "a file of PyTorch, which only Python opens safely",
            format!("np.save('{target}.npy', torch.load('{path}', map_location='cpu').float().numpy())"),
        ),
        () if is(&[".pkl", ".pickle", ".joblib"]) => (
            "a pickle, which only Python opens",
            format!("np.save('{target}.npy', np.asarray(pd.read_pickle('{path}'), dtype='float32'))"),
        ),
        () if is(&[".faiss"]) => (
            "an index of FAISS",
            format!(
                "index = faiss.read_index('{path}'), then np.save('{target}.npy', index.reconstruct_n(0, index.ntotal))"
            ),
        ),
        () if is(&[".fvecs"]) => (
            "a file of fvecs",
            format!(
                "x = np.fromfile('{path}', dtype='int32'), then np.save('{target}.npy', x.reshape(-1, x[0] + 1)[:, \
                 1:].copy().view('float32'))"
            ),
        ),
        () if is(&[".xlsx", ".xls", ".ods"]) => {
            ("a spreadsheet", format!("pd.read_excel('{path}').to_csv('{target}.csv', index=False)"))
        }
        () if is(&[".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst"]) => {
            ("an archive that is not opened", "a zip of the files in it".to_owned())
        }
        () => return None,
    };
    Some(VectorsError::Form { path: path.to_owned(), form, remedy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::named;

    fn of(path: &str, bytes: &[u8]) -> (Vec<Thing>, Vec<String>) {
        let mut store = Store::new(vec![named(path, bytes).into()], &mut Vec::new()).unwrap();
        survey(&mut store, &mut |_| {}).unwrap()
    }

    #[test]
    fn forms_that_are_not_read_are_named_with_what_converts_them() {
        let cases: &[(&str, &[u8], &str)] = &[
            (
                "a/e.feather",
                b"FEA1",
                "a/e.feather is a Feather file of the first version, which is not read here; convert it, with \
                 pd.read_feather('a/e.feather').to_parquet('e.parquet')",
            ),
            (
                "e.h5",
                b"\x89HDF\r\n\x1a\n",
                "e.h5 is an HDF5 file, which is not read here; convert it, with f = h5py.File('e.h5')",
            ),
            ("e.pt", b"PK", "e.pt is a file of PyTorch"),
            ("e.pkl", b"\x80\x05", "e.pkl is a pickle"),
        ];
        for &(path, bytes, form) in cases {
            let (things, _) = of(path, bytes);
            let Body::Refused(fault) = &things[0].body else { panic!("{things:?}") };
            assert!(fault.to_string().starts_with(form), "{fault}");
        }
        assert_eq!(of("readme.md", b"# Words").1, ["readme.md"]);
    }

    #[test]
    fn texts_of_all_files_together_are_bounded() {
        let thing = |path: &str| Thing {
            path: path.into(),
            bundle: None,
            body: Body::Names([" a ".to_owned(), "b".repeat(900)].into_iter().collect()),
        };
        let (mut ids, mut texts, mut held) = (thing("ids"), thing("texts"), 0);
        bound_texts(&mut ids, &mut held);
        assert_eq!(held, 0);
        bound_texts(&mut texts, &mut held);
        let Body::Names(names) = &texts.body else { panic!("{texts:?}") };
        assert_eq!((names.values[0].as_str(), held), ("a", 1 + limits::TEXT_LETTERS + 3 + 2 * PER_WORD));
        held = limits::TEXT_BYTES;
        bound_texts(&mut texts, &mut held);
        let Body::Extra(why) = &texts.body else { panic!("{texts:?}") };
        assert_eq!(*why, "texts take more than the 64 MB that are kept of them");
    }

    #[test]
    fn texts_are_no_ids() {
        let line = "word ".repeat(40);
        assert!(matches!(of("corpus.txt", line.as_bytes()).0[0].body, Body::Extra(_)));
        assert!(matches!(of("corpus.txt", b"d1\nd2\n").0[0].body, Body::Names(_)));
        assert!(matches!(of("qrels/test.tsv", b"q\td\t1\n").0[0].body, Body::Judgements(_)));
    }
}
