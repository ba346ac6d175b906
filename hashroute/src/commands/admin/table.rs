//! Aligned columns for people.

/// Longer cells are cut: an error may be a page long.
const WIDEST: usize = 72;

/// Lines of columns under headings; just `nothing` when there are no rows.
pub fn table<const N: usize>(headings: [&str; N], rows: Vec<[String; N]>, nothing: &str) -> String {
    if rows.is_empty() {
        return nothing.to_owned();
    }
    let mut lines = vec![headings.map(str::to_owned)];
    lines.extend(rows.into_iter().map(|row| row.map(|cell| cut(&cell))));
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let lines = lines.iter().map(|line| {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn cut(cell: &str) -> String {
    // What is stored may hold anything, also what a terminal takes for a command.
    let clean = |character: char| if character.is_control() { ' ' } else { character };
    let mut text: String = cell.chars().take(WIDEST).map(clean).collect();
    if cell.chars().nth(WIDEST).is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{WIDEST, table};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![["ä".to_owned(), "1".to_owned()], ["longer".to_owned(), String::new()]];
        assert_eq!(table(["NAME", "READY"], rows, "none"), "NAME    READY\nä       1\nlonger");
        assert_eq!(table(["NAME"], Vec::new(), "none"), "none");
    }

    #[test]
    fn cells_stay_on_their_line() {
        let text = table(["ERROR"], vec![[format!("a\nb\u{1b}[0m{}", "x".repeat(100))]], "");
        assert!(text.starts_with("ERROR\na b [0mx") && text.ends_with("x…"), "{text}");
        assert_eq!(text.lines().nth(1).unwrap().chars().count(), WIDEST + 1);
    }
}
