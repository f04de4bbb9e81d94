//! What runs once per tuple and pays for vector instructions, and the one place with unsafe code.
//!
//! A [`Work`] is compiled twice: for processors with AVX2 and BMI, found at run time, and for all others.
//! [`Plain`] is the safe twin of [`Avx2`]; tests hold the two against each other on every span.

#![allow(
    unsafe_code,
    reason = "vector instructions and keys that are checked in one pass"
)]

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

/// How far a tuple is looked for: ordinary ones have 60 to 100 bytes, longer ones are read field by field.
pub(crate) const SPAN: usize = 128;
/// A span, and what may be loaded behind it.
pub(crate) type Span = [u8; SPAN + 16];

/// The bytes of a span that end a field, one bit each: the first 64, then the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Commas and quotes.
    pub(crate) ends: [u64; 2],
    pub(crate) quotes: [u64; 2],
}

/// The operations that processors differ in.
pub(crate) trait Vectors {
    fn marks(span: &Span) -> Marks;

    /// Four numbers of up to eight digits. The digits are the last bytes of each word; `shifts` says how many
    /// bits before them are none of the number's. `None` if one of them is no digit.
    fn numbers(words: [u64; 4], shifts: [u64; 4]) -> Option<[u32; 4]>;
}

/// A loop over tuples. Its `run` and all it calls per tuple must be `#[inline(always)]`, or it is not compiled
/// for the processor.
pub(crate) trait Work {
    type Output;
    fn run<V: Vectors>(self) -> Self::Output;
}

/// Does the work in the way that suits this processor.
pub(crate) fn run<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the processor has just said that it knows these instructions.
        return unsafe { run_avx2(work) };
    }
    work.run::<Plain>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn run_avx2<W: Work>(work: W) -> W::Output {
    work.run::<Avx2>()
}

/// Any processor.
pub(crate) struct Plain;

const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// One bit for each byte of a word that equals another.
#[inline(always)]
fn equal_bytes(word: u64, byte: u8) -> u64 {
    let differs = word ^ u64::from_le_bytes([byte; 8]);
    let equal = !(((differs & LOW_BITS) + LOW_BITS) | differs | LOW_BITS);
    (equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The number that eight digits stand for, the first in the lowest byte.
#[inline(always)]
fn eight_digits(digits: u64) -> u32 {
    let pairs = digits.wrapping_mul(2561) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(6_553_601) >> 16;
    // At most 99,999,999.
    ((fours & 0x0000_ffff_0000_ffff).wrapping_mul(42_949_672_960_001) >> 32) as u32
}

impl Vectors for Plain {
    #[inline(always)]
    fn marks(span: &Span) -> Marks {
        let mut marks = Marks {
            ends: [0; 2],
            quotes: [0; 2],
        };
        for (index, bytes) in span.as_chunks::<8>().0.iter().take(SPAN / 8).enumerate() {
            let word = u64::from_le_bytes(*bytes);
            let quotes = equal_bytes(word, b'"');
            let ends = equal_bytes(word, b',') | quotes;
            let (half, shift) = (index / 8, index % 8 * 8);
            if let (Some(all_ends), Some(all_quotes)) = (marks.ends.get_mut(half), marks.quotes.get_mut(half))
            {
                *all_ends |= ends << shift;
                *all_quotes |= quotes << shift;
            }
        }
        marks
    }

    #[inline(always)]
    fn numbers(words: [u64; 4], shifts: [u64; 4]) -> Option<[u32; 4]> {
        let mut bad = 0;
        let mut numbers = [0; 4];
        for ((number, word), shift) in numbers.iter_mut().zip(words).zip(shifts) {
            // A shift by all 64 bits leaves nothing.
            let shift = u32::try_from(shift).unwrap_or(64);
            let digits = (word ^ ZEROS)
                .checked_shr(shift)
                .and_then(|digits| digits.checked_shl(shift))
                .unwrap_or(0);
            bad |= (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & !LOW_BITS;
            *number = eight_digits(digits);
        }
        (bad == 0).then_some(numbers)
    }
}

/// x86 of 2013 and later.
#[cfg(target_arch = "x86_64")]
pub(crate) struct Avx2;

#[cfg(target_arch = "x86_64")]
impl Vectors for Avx2 {
    #[inline(always)]
    fn marks(span: &Span) -> Marks {
        use std::arch::x86_64::{
            _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
        };
        let quarter = |from: usize| {
            // SAFETY: only `run_avx2` uses this type, so the processor has AVX2; 32 bytes from 0, 32, 64 or 96
            // on lie within the span of 144, and the load asks for no alignment.
            let (ends, quotes) = unsafe {
                let bytes = _mm256_loadu_si256(span.as_ptr().add(from).cast());
                let quotes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'"'.cast_signed()));
                let commas = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b','.cast_signed()));
                (
                    _mm256_movemask_epi8(_mm256_or_si256(commas, quotes)),
                    _mm256_movemask_epi8(quotes),
                )
            };
            (u64::from(ends.cast_unsigned()), u64::from(quotes.cast_unsigned()))
        };
        let (a, b, c, d) = (quarter(0), quarter(32), quarter(64), quarter(96));
        Marks {
            ends: [a.0 | b.0 << 32, c.0 | d.0 << 32],
            quotes: [a.1 | b.1 << 32, c.1 | d.1 << 32],
        }
    }

    #[inline(always)]
    fn numbers(words: [u64; 4], shifts: [u64; 4]) -> Option<[u32; 4]> {
        use std::arch::x86_64::{
            __m256i, _mm_storeu_si128, _mm_unpacklo_epi64, _mm256_castsi256_si128, _mm256_extracti128_si256,
            _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_packus_epi32,
            _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_sllv_epi64, _mm256_srlv_epi64,
            _mm256_subs_epu8, _mm256_testz_si256, _mm256_xor_si256,
        };
        let mut numbers = [0_u32; 4];
        // SAFETY: only `run_avx2` uses this type, so the processor has AVX2; loads and stores are of whole
        // arrays of 32 and 16 bytes, and ask for no alignment.
        let good = unsafe {
            let words: __m256i = _mm256_loadu_si256(words.as_ptr().cast());
            let shifts: __m256i = _mm256_loadu_si256(shifts.as_ptr().cast());
            let digits = _mm256_xor_si256(words, _mm256_set1_epi8(b'0'.cast_signed()));
            let digits = _mm256_sllv_epi64(_mm256_srlv_epi64(digits, shifts), shifts);
            let over = _mm256_subs_epu8(digits, _mm256_set1_epi8(9));
            // Ten times the first of two, a hundred times the first pair of two, ten thousand times the first four.
            let pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010a));
            let fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x0001_0064));
            let packed = _mm256_packus_epi32(fours, fours);
            let eights = _mm256_madd_epi16(packed, _mm256_set1_epi32(0x0001_2710));
            let low = _mm256_castsi256_si128(eights);
            let high = _mm256_extracti128_si256::<1>(eights);
            _mm_storeu_si128(numbers.as_mut_ptr().cast(), _mm_unpacklo_epi64(low, high));
            _mm256_testz_si256(over, over)
        };
        (good == 1).then_some(numbers)
    }
}

/// The largest key, those below zero being the largest of all.
struct LargestKey<'k>(&'k [i32]);

impl Work for LargestKey<'_> {
    type Output = u32;

    #[inline(always)]
    fn run<V: Vectors>(self) -> u32 {
        self.0
            .iter()
            .fold(0, |largest, key| largest.max(key.cast_unsigned()))
    }
}

/// A dictionary column. Checks all keys in one pass without a branch, where the library stops at the first.
pub(crate) fn dictionary(
    keys: Int32Array,
    values: ArrayRef,
) -> Result<DictionaryArray<Int32Type>, ArrowError> {
    let largest = run(LargestKey(keys.values()));
    if u64::from(largest) < values.len() as u64 {
        // SAFETY: as unsigned numbers all keys, those of nulls too, are below the number of values.
        return Ok(unsafe { DictionaryArray::new_unchecked(keys, values) });
    }
    DictionaryArray::try_new(keys, values)
}

/// A dictionary column of runs, each a key and the row it ends before. Checks every run rather than every row.
pub(crate) fn dictionary_of_runs(
    runs: impl Iterator<Item = (usize, Option<i32>)>,
    rows: usize,
    values: ArrayRef,
) -> Result<DictionaryArray<Int32Type>, ArrowError> {
    let mut keys = Vec::with_capacity(rows);
    let mut valid: Option<BooleanBufferBuilder> = None;
    let mut known = true;
    for (end, key) in runs.chain([(rows, None)]) {
        let from = keys.len();
        let end = end.min(rows);
        if end <= from {
            continue;
        }
        keys.resize(end, key.unwrap_or(0));
        known &= key.is_none_or(|key| u32::try_from(key).is_ok_and(|key| (key as usize) < values.len()));
        if key.is_none() || valid.is_some() {
            let valid = valid.get_or_insert_with(|| {
                let mut valid = BooleanBufferBuilder::new(rows);
                valid.append_n(from, true);
                valid
            });
            valid.append_n(end - from, key.is_some());
        }
    }
    let nulls = valid.map(|mut valid| NullBuffer::new(valid.finish()));
    let keys = Int32Array::new(ScalarBuffer::from(keys), nulls);
    if known {
        // SAFETY: the key of each run that is not null has a value, and the key of a null is not looked at.
        return Ok(unsafe { DictionaryArray::new_unchecked(keys, values) });
    }
    DictionaryArray::try_new(keys, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    struct Compare(Span, [u64; 4], [u64; 4]);

    impl Work for Compare {
        type Output = (Marks, Option<[u32; 4]>);
        #[inline(always)]
        fn run<V: Vectors>(self) -> Self::Output {
            (V::marks(&self.0), V::numbers(self.1, self.2))
        }
    }

    /// Numbers that look random; the seed is the position.
    fn noise(seed: u64) -> u64 {
        let mixed = (seed ^ seed >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    #[test]
    fn both_kinds_of_processor_see_the_same() {
        let alphabet = b",,\"\"0123456789.\x00\xff\x2b\x2d\xac\x80";
        for case in 0..20_000_u64 {
            let mut span = [0; SPAN + 16];
            for (at, byte) in (0..).zip(&mut span) {
                *byte = alphabet[(noise(case << 8 | at) >> 40) as usize % alphabet.len()];
            }
            let mut words = [0; 4];
            let mut shifts = [0; 4];
            for at in 0..4 {
                let mut digits = noise(case << 3 | at as u64)
                    .to_le_bytes()
                    .map(|byte| b'0' + byte % 10);
                if noise(case).is_multiple_of(5) {
                    digits[at] = alphabet[(noise(case + 7) >> 50) as usize % alphabet.len()];
                }
                words[at] = u64::from_le_bytes(digits);
                shifts[at] = (noise(case + at as u64) >> 33) % 9 * 8;
            }
            let plain = Compare(span, words, shifts).run::<Plain>();
            assert_eq!(run(Compare(span, words, shifts)), plain, "{case}");
            for (at, byte) in span.iter().take(SPAN).enumerate() {
                let bit = |marks: [u64; 2]| marks[at / 64] >> (at % 64) & 1 == 1;
                assert_eq!(bit(plain.0.quotes), *byte == b'"');
                assert_eq!(bit(plain.0.ends), matches!(byte, b'"' | b','));
            }
            let expected: Option<Vec<u32>> = words
                .iter()
                .zip(shifts)
                .map(|(word, shift)| {
                    let text = &word.to_le_bytes()[usize::try_from(shift).unwrap() / 8..];
                    let digits = text.iter().all(u8::is_ascii_digit);
                    digits.then(|| String::from_utf8_lossy(text).parse().unwrap_or(0))
                })
                .collect();
            assert_eq!(plain.1.map(Vec::from), expected, "{case}");
        }
    }

    #[test]
    fn a_key_without_a_value_is_refused() {
        let values: ArrayRef = Arc::new(arrow_array::StringArray::from(vec!["a", "b"]));
        let of = |keys: Vec<Option<i32>>| dictionary(Int32Array::from(keys), Arc::clone(&values));
        assert!(of(vec![Some(0), Some(1), None]).is_ok());
        assert!(of(vec![Some(2)]).is_err());
        assert!(of(vec![Some(-1)]).is_err());
        let none: ArrayRef = Arc::new(arrow_array::StringArray::new_null(0));
        assert!(dictionary(Int32Array::from(vec![None]), Arc::clone(&none)).is_ok());
        let runs = |runs: &[(usize, Option<i32>)], rows, values: &ArrayRef| {
            dictionary_of_runs(runs.iter().copied(), rows, Arc::clone(values))
        };
        assert!(runs(&[(3, Some(2))], 3, &values).is_err());
        assert!(runs(&[(3, Some(-1))], 3, &values).is_err());
        assert!(runs(&[(3, None)], 3, &none).is_ok());
        let some = runs(&[(2, Some(1)), (2, Some(7)), (3, None), (5, Some(0))], 6, &values).unwrap();
        assert_eq!(
            some.keys(),
            &Int32Array::from(vec![Some(1), Some(1), None, Some(0), Some(0), None])
        );
    }
}
