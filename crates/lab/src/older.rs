//! Model files that older versions wrote, brought into the steps of this one as they are read.

use protocol::{ModelCard, WeightsUse};
use serde::Deserialize;
use serde_json::Value;

use crate::LabError;
use crate::portable::NamedTensor;

/// The step that ended BT2's forward pass until general steps took its place.
const STEP: &str = "basis_transformation";

/// With `u` the current vector: `f = normalize(u[..split])`, `o = normalize(relu(u) W + b)`, result `f B' + o A'`.
#[derive(Deserialize)]
struct BasisTransformation {
    /// Length of the new branch.
    split: u32,
    /// W, `[dims of u, r]`; `None` for r = 0.
    old_weight: Option<String>,
    /// b, `[r]`.
    old_bias: Option<String>,
    /// A, `[dims, r]`; `None` for r = 0.
    from_old: Option<String>,
    /// B, `[dims, split]`.
    from_new: String,
}

/// Tensors `[dims, split]` and `[dims, r]` that the steps of this version want as one of `[split + r, dims]`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Join {
    /// Its name, and that of the first.
    from_new: String,
    from_old: Option<String>,
}

/// The card that `text` holds, and what to do with the tensors of its file before its steps fit them.
///
/// # Errors
/// [`LabError::File`] if it is no card.
pub(crate) fn card(text: &str) -> Result<(ModelCard, Vec<Join>), LabError> {
    let unreadable = |error| LabError::File(format!("its card cannot be read ({error})"));
    let mut joins = Vec::new();
    if !text.contains(STEP) {
        return Ok((serde_json::from_str(text).map_err(unreadable)?, joins));
    }
    let card = general(serde_json::from_str(text).map_err(unreadable)?, &mut joins)?;
    // As text again: to read a card from anything else would double the code that a visitor downloads for it.
    Ok((serde_json::from_str(&card.to_string()).map_err(unreadable)?, joins))
}

/// The same with general steps in the place of each [`STEP`], however deep.
fn general(value: Value, joins: &mut Vec<Join>) -> Result<Value, LabError> {
    match value {
        Value::Array(items) => {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                if item.get("op").and_then(Value::as_str) == Some(STEP) {
                    all.extend(steps(item, joins)?);
                } else {
                    all.push(general(item, joins)?);
                }
            }
            Ok(Value::Array(all))
        }
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| Ok((name, general(value, joins)?)));
            Ok(Value::Object(fields.collect::<Result<_, LabError>>()?))
        }
        other => Ok(other),
    }
}

/// `[ f o ] [ B' ; A' ]`.
fn steps(step: Value, joins: &mut Vec<Join>) -> Result<Vec<Value>, LabError> {
    let refused = |reason: String| LabError::File(format!("its basis transformation cannot be read ({reason})"));
    let step: BasisTransformation =
        serde_json::from_str(&step.to_string()).map_err(|error| refused(error.to_string()))?;
    let BasisTransformation { split, old_weight, old_bias, from_old, from_new } = step;
    let new = vec![WeightsUse::Slice { start: 0, length: split }, WeightsUse::Normalize];
    let mut steps = match (old_weight, old_bias, &from_old) {
        (Some(weight), bias @ Some(_), Some(_)) => {
            let old = vec![WeightsUse::Relu, WeightsUse::Linear { weight, bias }, WeightsUse::Normalize];
            vec![WeightsUse::Concat { branches: vec![new, old] }]
        }
        (None, None, None) => new,
        _ => return Err(refused("the old branch is incomplete".to_owned())),
    };
    steps.push(WeightsUse::Linear { weight: from_new.clone(), bias: None });
    joins.push(Join { from_new, from_old });
    let text = serde_json::to_string(&steps).map_err(|error| refused(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| refused(error.to_string()))
}

/// Makes of the tensors what [`card`] said.
///
/// # Errors
/// [`LabError::File`] if one is missing or has another shape.
pub(crate) fn join(tensors: &mut Vec<NamedTensor>, joins: &[Join]) -> Result<(), LabError> {
    for Join { from_new, from_old } in joins {
        let (dims, mut values) = transposed(&taken(tensors, from_new)?)?;
        if let Some(from_old) = from_old {
            let (others, more) = transposed(&taken(tensors, from_old)?)?;
            if others != dims {
                return Err(LabError::File("the two branches have different dims".to_owned()));
            }
            values.extend(more);
        }
        let shape = vec![values.len() / dims.max(1), dims];
        tensors.push(NamedTensor { name: from_new.clone(), shape, values });
    }
    Ok(())
}

/// Takes the tensor `name` out.
fn taken(tensors: &mut Vec<NamedTensor>, name: &str) -> Result<NamedTensor, LabError> {
    let at = tensors.iter().position(|tensor| tensor.name == name);
    at.map(|at| tensors.swap_remove(at)).ok_or_else(|| LabError::File(format!("it has no tensor '{name}'")))
}

/// The rows of a matrix, and its numbers column by column.
fn transposed(NamedTensor { name, shape, values }: &NamedTensor) -> Result<(usize, Vec<f32>), LabError> {
    match *shape.as_slice() {
        [rows, columns] if rows.checked_mul(columns) == Some(values.len()) => {
            let column = |at| values.iter().skip(at).step_by(columns).copied();
            Ok((rows, (0..columns).flat_map(column).collect()))
        }
        _ => Err(LabError::File(format!("tensor '{name}' has shape {shape:?}, expected a matrix"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tensor(name: &str, shape: &[usize]) -> NamedTensor {
        let values = (0..shape.iter().product::<usize>()).map(|value| value as f32).collect();
        NamedTensor { name: name.into(), shape: shape.to_vec(), values }
    }

    #[test]
    fn the_step_becomes_general_ones_wherever_it_stands() {
        let step = json!({"op": "basis_transformation", "split": 3, "old_weight": null, "old_bias": null, "from_old": null,
            "from_new": "p/transformation.from_new"});
        let card = json!({"forward": [{"op": "flatten"}, {"op": "concat", "branches": [[step.clone()], [{"op": "relu"}]]}], "n": 0.1});
        let mut joins = Vec::new();
        let general = general(card, &mut joins).unwrap();
        let new = json!([{"op": "slice", "start": 0, "length": 3}, {"op": "normalize"},
            {"op": "linear", "weight": "p/transformation.from_new", "bias": null}]);
        let concat = json!({"op": "concat", "branches": [new, [{"op": "relu"}]]});
        assert_eq!(general, json!({"forward": [{"op": "flatten"}, concat], "n": 0.1}));
        assert_eq!(joins, [Join { from_new: "p/transformation.from_new".into(), from_old: None }]);
    }

    #[test]
    fn two_matrices_become_one() {
        let join_of = |from_old: Option<&str>| [Join { from_new: "b".into(), from_old: from_old.map(str::to_owned) }];
        let mut tensors = vec![tensor("b", &[2, 3]), tensor("x", &[1]), tensor("a", &[2, 1])];
        join(&mut tensors, &join_of(Some("a"))).unwrap();
        let names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        assert_eq!(names, ["x", "b"]);
        assert_eq!((&tensors[1].shape, &tensors[1].values), (&vec![4, 2], &vec![0., 3., 1., 4., 2., 5., 0., 1.]));

        let refusal = |tensors: &[NamedTensor], from_old| {
            join(&mut tensors.to_vec(), &join_of(from_old)).unwrap_err().to_string()
        };
        let b = || tensor("b", &[2, 3]);
        assert!(refusal(&[b()], Some("a")).contains("it has no tensor 'a'"));
        assert!(refusal(&[b(), tensor("a", &[3, 1])], Some("a")).contains("different dims"));
        assert!(refusal(&[tensor("b", &[6])], None).contains("tensor 'b' has shape [6], expected a matrix"));
        let short = NamedTensor { values: vec![1.0], ..b() };
        assert!(refusal(&[short], None).contains("expected a matrix"));
    }

    #[test]
    fn a_step_that_is_not_whole_is_refused() {
        let refusal = |step: Value| general(json!([step]), &mut Vec::new()).unwrap_err().to_string();
        let half = json!({"op": "basis_transformation", "split": 3, "old_weight": "w", "old_bias": null, "from_old": "a", "from_new": "b"});
        assert!(refusal(half).contains("the old branch is incomplete"));
        let none = refusal(json!({"op": "basis_transformation", "split": 3}));
        assert!(none.contains("its basis transformation cannot be read (missing field"), "{none}");
    }
}
