//! Too much light, or too little difference.

/// Adds `strength` of full intensity to every value.
pub(super) fn brightness(plane: &mut [f64], strength: f64) {
    for value in plane {
        *value += 255.0 * strength;
    }
}

/// Keeps the share `strength` of every value's distance from the mean of the plane.
pub(super) fn contrast(plane: &mut [f64], strength: f64) {
    let mean = plane.iter().sum::<f64>() / plane.len() as f64;
    for value in plane {
        *value = mean + strength * (*value - mean);
    }
}
