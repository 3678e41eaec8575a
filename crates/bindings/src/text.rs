//! Columns of text as Arrow has them: plain, large, as views, or as a dictionary of one of these.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;

/// Looks at the text of each row, `None` for null, and hands on what was found; in a dictionary each text is looked at
/// once. `false` when the array holds no text.
pub(crate) fn for_each<'a, T: Copy>(
    array: &'a dyn Array,
    look: impl Fn(Option<&'a str>) -> T,
    mut take: impl FnMut(T),
) -> bool {
    let Some(dictionary) = array.as_any_dictionary_opt() else {
        return for_each_plain(array, |text| take(look(text)));
    };
    let mut entries = Vec::with_capacity(dictionary.values().len());
    if !for_each_plain(&**dictionary.values(), |text| entries.push(look(text))) {
        return false;
    }
    let missing = look(None);
    if entries.is_empty() {
        (0..array.len()).for_each(|_| take(missing));
        return true;
    }
    for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
        take(if array.is_null(row) { missing } else { entries[key] });
    }
    true
}

fn for_each_plain<'a>(array: &'a dyn Array, mut take: impl FnMut(Option<&'a str>)) -> bool {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().for_each(take),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().for_each(take),
        DataType::Utf8View => array.as_string_view().iter().for_each(take),
        DataType::Null => (0..array.len()).for_each(|_| take(None)),
        _ => return false,
    }
    true
}
