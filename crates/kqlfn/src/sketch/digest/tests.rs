//! Percentiles and ranks, exact and near.

use super::*;

fn of(numbers: impl Iterator<Item = i64>) -> Digest {
    let mut held = Digest::default();
    for number in numbers {
        assert!(held.insert(Cell::Long(number), 1));
    }
    held.settle();
    held
}

#[test]
fn few_values_are_exact() {
    let held = of(1..=1000);
    assert_eq!(held.percentile(68.5), Cell::Long(685));
    assert_eq!(held.rank(Cell::Long(685)), Some((685, 1000)));
    assert_eq!(held.rank(Cell::Real(0.5)), Some((0, 1000)));
    assert_eq!(held.rank(Cell::Timespan(1)), None);
    assert_eq!(Digest::default().percentile(50.0), Cell::Null);
}

#[test]
fn many_values_are_near_and_bounded() {
    let number = 1_000_000;
    // The step is prime to the number, so that all come once and in disorder.
    let mut held = of((0..number).map(|at| at * 7919 % number));
    held.settle();
    assert!(held.points.len() <= VALUES_MAX, "{}", held.points.len());
    for percent in [0.0, 0.1, 1.0, 25.0, 50.0, 75.0, 99.0, 99.9, 100.0] {
        let Cell::Long(value) = held.percentile(percent) else {
            unreachable!("a long");
        };
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let off = (value as f64 / 10_000.0 - percent).abs();
        assert!(off < 0.2, "{percent}: off by {off}");
        let (below, all) = held.rank(Cell::Long(value)).unwrap_or_default();
        assert_eq!(all, number);
        assert!((below - value).abs() < 4_000, "{below} {value}");
    }
}

#[test]
fn what_is_written_is_read_and_merged() {
    let mut held = of(1..=100);
    let bytes = Writer::build(|writer| held.write(writer));
    let read = Digest::read(Dynamic::read(&bytes)).unwrap_or_default();
    assert!(held.merge(&read));
    held.settle();
    assert_eq!(held.rank(Cell::Long(10)), Some((20, 200)));
    let mut times = Digest::default();
    assert!(times.insert(Cell::Datetime(1), 1));
    assert!(!held.merge(&times));
}
