//! What columns are, as the schema has it.

use polars_arrow_format::ipc::{FieldRef, Precision, SchemaRef, TypeRef};

use super::Why;

/// Fields lie in one another so deep.
const DEPTH: usize = 16;
/// Most fields, those in others included: of damaged ones there can be any number, since one can stand in several places.
const FIELDS: usize = 10_000;

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    /// Of its values; where it has a dictionary, of the words in it.
    pub form: Form,
    pub dictionary: Option<Dictionary>,
}

/// Values that stand once in a dictionary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dictionary {
    pub id: i64,
    /// Bytes of an index.
    pub bytes: usize,
}

/// How values are laid out.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Null,
    Flags,
    Whole {
        bytes: usize,
        signed: bool,
    },
    /// Numbers of 2, 4 or 8 bytes.
    Floats {
        bytes: usize,
    },
    Words {
        long: bool,
    },
    /// Words, the short ones in the place of where they are.
    Views,
    List {
        long: bool,
        /// Values of each row, where all have as many.
        size: Option<usize>,
        child: Box<Field>,
    },
    Struct(Vec<Field>),
    /// Lists with lengths of their own.
    ListViews(Box<Field>),
    RunEnds(Vec<Field>),
    /// Something of so many buffers that is of no use.
    Other {
        buffers: usize,
    },
}

impl Form {
    /// Whether it has one value a row that can be named.
    pub fn is_value(&self) -> bool {
        matches!(self, Self::Flags | Self::Words { .. } | Self::Views) || self.is_number()
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Self::Whole { .. } | Self::Floats { .. })
    }
}

/// The columns of a schema.
pub(super) fn fields(schema: SchemaRef<'_>) -> Result<Vec<Field>, Why> {
    let fields = schema.fields().map_err(|why| why.to_string())?;
    let fields = fields.into_iter().flatten();
    let mut left = FIELDS;
    fields.map(|field| of(field.map_err(|why| why.to_string())?, DEPTH, &mut left)).collect()
}

fn of(field: FieldRef<'_>, depth: usize, left: &mut usize) -> Result<Field, Why> {
    let depth = depth.checked_sub(1).ok_or_else(|| "its columns lie too deep in one another".to_owned())?;
    *left = left.checked_sub(1).ok_or_else(|| format!("it has more than {FIELDS} columns"))?;
    let said = |why: polars_arrow_format::ipc::planus::Error| why.to_string();
    let children = field.children().map_err(said)?.into_iter().flatten();
    let mut children = children.map(|child| of(child.map_err(said)?, depth, left)).collect::<Result<Vec<_>, Why>>()?;
    let mut child = || Ok::<_, Why>(Box::new(children.pop().ok_or_else(|| "a list is of nothing".to_owned())?));
    let form = match field.type_().map_err(said)?.ok_or_else(|| "a column has no type".to_owned())? {
        TypeRef::Null(_) => Form::Null,
        TypeRef::Int(int) => {
            Form::Whole { bytes: bytes(int.bit_width().map_err(said)?)?, signed: int.is_signed().map_err(said)? }
        }
        TypeRef::FloatingPoint(float) => Form::Floats {
            bytes: match float.precision().map_err(said)? {
                Precision::Half => 2,
                Precision::Single => 4,
                Precision::Double => 8,
            },
        },
        TypeRef::Bool(_) => Form::Flags,
        TypeRef::Utf8(_) => Form::Words { long: false },
        TypeRef::LargeUtf8(_) => Form::Words { long: true },
        TypeRef::Utf8View(_) => Form::Views,
        TypeRef::List(_) => Form::List { long: false, size: None, child: child()? },
        TypeRef::LargeList(_) => Form::List { long: true, size: None, child: child()? },
        TypeRef::FixedSizeList(list) => {
            let size = usize::try_from(list.list_size().map_err(said)?).map_err(|why| why.to_string())?;
            Form::List { long: false, size: Some(size), child: child()? }
        }
        TypeRef::ListView(_) | TypeRef::LargeListView(_) => Form::ListViews(child()?),
        TypeRef::Struct(_) => Form::Struct(children),
        TypeRef::Map(_) => Form::List { long: false, size: None, child: child()? },
        TypeRef::RunEndEncoded(_) => Form::RunEnds(children),
        TypeRef::Binary(_) | TypeRef::LargeBinary(_) => Form::Other { buffers: 3 },
        TypeRef::BinaryView(_) => return Err("it has a column of binary views".to_owned()),
        TypeRef::Union(_) => return Err("it has a column of unions".to_owned()),
        TypeRef::Decimal(_)
        | TypeRef::Date(_)
        | TypeRef::Time(_)
        | TypeRef::Timestamp(_)
        | TypeRef::Interval(_)
        | TypeRef::FixedSizeBinary(_)
        | TypeRef::Duration(_) => Form::Other { buffers: 2 },
    };
    let dictionary = match field.dictionary().map_err(said)? {
        None => None,
        Some(dictionary) => {
            let index = dictionary.index_type().map_err(said)?;
            let bits = index.map_or(Ok(32), |index| index.bit_width()).map_err(said)?;
            Some(Dictionary { id: dictionary.id().map_err(said)?, bytes: bytes(bits)? })
        }
    };
    Ok(Field { name: field.name().map_err(said)?.unwrap_or_default().to_owned(), form, dictionary })
}

fn bytes(bits: i32) -> Result<usize, Why> {
    match bits {
        8 => Ok(1),
        16 => Ok(2),
        32 => Ok(4),
        64 => Ok(8),
        _ => Err(format!("it has whole numbers of {bits} bits")),
    }
}

/// What is in the dictionary of this number.
pub(super) fn of_dictionary(fields: &[Field], id: i64) -> Option<&Form> {
    fields.iter().find_map(|field| match (&field.dictionary, &field.form) {
        (Some(dictionary), form) if dictionary.id == id => Some(form),
        (_, Form::List { child, .. } | Form::ListViews(child)) => of_dictionary(std::slice::from_ref(child), id),
        (_, Form::Struct(children) | Form::RunEnds(children)) => of_dictionary(children, id),
        _ => None,
    })
}
