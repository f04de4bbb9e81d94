//! Columns of text, lined up. Plain spaces: it reads the same in a terminal, a ticket and a diff.

/// Which way a column is lined up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// Lines the cells up under their headings, two spaces apart and two from the left.
pub(crate) fn lined_up(heading: &[(&str, Side)], rows: &[Vec<String>]) -> String {
    let width = |text: &str| text.chars().count();
    let widths: Vec<usize> = heading
        .iter()
        .enumerate()
        .map(|(at, (title, _))| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell));
            cells.chain([width(title)]).max().unwrap_or(0)
        })
        .collect();
    let titles: Vec<String> = heading.iter().map(|(title, _)| (*title).to_owned()).collect();
    let mut text = String::new();
    for row in std::iter::once(&titles).chain(rows) {
        let mut line = String::new();
        for ((cell, (_, side)), width_max) in row.iter().zip(heading).zip(&widths) {
            let padding = " ".repeat(width_max.saturating_sub(width(cell)));
            line.push_str("  ");
            match side {
                Side::Left => line.extend([cell.as_str(), &padding]),
                Side::Right => line.extend([padding.as_str(), cell]),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = vec![
            vec!["1".to_owned(), "a".to_owned()],
            vec!["1,000".to_owned(), "bü".to_owned()],
        ];
        let text = lined_up(&[("tuples", Side::Right), ("rule", Side::Left)], &rows);
        assert_eq!(text, "  tuples  rule\n       1  a\n   1,000  bü\n");
    }
}
