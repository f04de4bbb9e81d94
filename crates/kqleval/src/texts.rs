//! Columns of text, whose values lie in buffers that other columns may share.
//!
//! What is put together of several columns holds on to the buffers of all of them: rows that are a union with themselves
//! would have twice as many each time, and steps that take rows one by one would go through thousands of them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, StringViewArray};
use arrow_buffer::{Buffer, ScalarBuffer};

/// More buffers than these are put together to one.
const BUFFERS_MAX: usize = 8;

/// So much text is copied together.
const TOGETHER_BYTES_MAX: usize = 1 << 30;

/// What is longer than this lies in a buffer, and not in its view.
const INLINE_BYTES_MAX: u32 = 12;

/// Where a view has the number of its buffer.
const BUFFER_SHIFT: u32 = 64;

/// The array with each buffer once, and in few of them where that takes no more room.
#[must_use]
pub fn in_few_buffers(array: ArrayRef) -> ArrayRef {
    let Some(texts) = array.as_string_view_opt() else {
        return array;
    };
    if texts.data_buffers().len() <= BUFFERS_MAX {
        return array;
    }
    let texts = each_once(texts).unwrap_or_else(|| texts.clone());
    let held: usize = texts.data_buffers().iter().map(Buffer::capacity).sum();
    let used = texts.total_buffer_bytes_used();
    if texts.data_buffers().len() > BUFFERS_MAX && used <= held.min(TOGETHER_BYTES_MAX) {
        return Arc::new(texts.gc());
    }
    Arc::new(texts)
}

/// The array without the room around its texts, if there is much of it.
pub(crate) fn compact(array: &ArrayRef) -> ArrayRef {
    let Some(texts) = array.as_string_view_opt() else {
        return Arc::clone(array);
    };
    let held: usize = texts.data_buffers().iter().map(Buffer::capacity).sum();
    if held / 2 > texts.total_buffer_bytes_used() {
        return Arc::new(texts.gc());
    }
    Arc::clone(array)
}

/// The same texts, with no buffer twice; none if no buffer is.
fn each_once(texts: &StringViewArray) -> Option<StringViewArray> {
    let mut buffers: Vec<Buffer> = Vec::new();
    let mut known: HashMap<(usize, usize), u32> = HashMap::new();
    let mut places: Vec<u32> = Vec::with_capacity(texts.data_buffers().len());
    for buffer in texts.data_buffers() {
        let next = u32::try_from(buffers.len()).ok()?;
        let place = *known
            .entry((buffer.as_ptr() as usize, buffer.len()))
            .or_insert(next);
        if place == next {
            buffers.push(buffer.clone());
        }
        places.push(place);
    }
    if buffers.len() == places.len() {
        return None;
    }
    let moved = |view: &u128| {
        #[expect(clippy::cast_possible_truncation, reason = "the length is in the lowest bits")]
        let length = *view as u32;
        if length <= INLINE_BYTES_MAX {
            return Some(*view);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "32 bits of it are the buffer's number"
        )]
        let buffer = (*view >> BUFFER_SHIFT) as u32;
        let place = places.get(usize::try_from(buffer).ok()?)?;
        let others = !(u128::from(u32::MAX) << BUFFER_SHIFT);
        Some((*view & others) | (u128::from(*place) << BUFFER_SHIFT))
    };
    let views: ScalarBuffer<u128> = texts
        .views()
        .iter()
        .map(moved)
        .collect::<Option<Vec<_>>>()?
        .into();
    StringViewArray::try_new(views, buffers, texts.nulls().cloned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_themselves_keep_their_buffers() {
        let long = "a text that does not fit into its view";
        let mut array: ArrayRef = Arc::new(StringViewArray::from(vec![Some(long), None, Some("short")]));
        for _ in 0..10 {
            let twice = arrow_select::concat::concat(&[&array, &array]).unwrap();
            array = in_few_buffers(twice);
        }
        let texts = array.as_string_view();
        assert!(texts.data_buffers().len() <= BUFFERS_MAX);
        assert_eq!(texts.len(), 3 << 10);
        for row in (0..texts.len()).step_by(3) {
            assert_eq!(texts.value(row), long);
            assert!(texts.is_null(row + 1));
            assert_eq!(texts.value(row + 2), "short");
        }
    }

    #[test]
    fn buffers_of_others_are_put_together() {
        let texts = |at: usize| StringViewArray::from(vec![format!("a text of its own, number {at}")]);
        let all: Vec<StringViewArray> = (0..100).map(texts).collect();
        let parts: Vec<&dyn arrow_array::Array> = all.iter().map(|part| part as _).collect();
        let array = in_few_buffers(arrow_select::concat::concat(&parts).unwrap());
        let texts = array.as_string_view();
        assert!(texts.data_buffers().len() <= BUFFERS_MAX);
        assert_eq!(texts.value(42), "a text of its own, number 42");
    }
}
