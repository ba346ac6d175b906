//! The report for people.

use std::fmt::Write as _;

use super::{
    legs::Leg,
    report::{Report, Server, Verdict},
    statistics::Spread,
};

/// The whole report as text.
pub fn render(report: &Report) -> String {
    let mut text = format!(
        "Redirects beside nginx: {} rounds of {} s, {} links; medians (lowest to highest)\n\
         µs: processor time a request; against nginx: requests per processor second, 1.00 is nginx in the same round\n\n",
        report.rounds, report.seconds, report.links
    );
    let header = ["server", "connections", "requests/s", "p50 ms", "p99 ms", "µs answering", "µs syncing", "µs rest"];
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(report.servers.iter().map(|server| {
        [
            server.name(),
            server.connections.to_string(),
            format!("{:.0}", server.requests_per_second.median),
            milliseconds(server.p50_micros),
            milliseconds(server.p99_micros),
            spread(server.redirect_micros),
            spread(server.sync_micros),
            spread(server.rest_micros),
        ]
    }));
    write_table(&mut text, &rows);
    text.push('\n');

    let header =
        ["against nginx", "threads that answer", "redirect with geo and capture", "whole service", "unsafe clicks"];
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(report.servers.iter().filter(|server| server.visible_after_ms.is_some()).map(|server| {
        [
            format!("{}, {} connections", server.name(), server.connections),
            spread(server.redirect_ratio),
            spread(server.capture_ratio),
            spread(server.whole_ratio),
            format!("{:.0}", server.unsafe_clicks),
        ]
    }));
    write_table(&mut text, &rows);
    text.push('\n');
    text.push_str(&remarks(report));

    let header = ["bar", "", "measured", "verdict"];
    let mut rows = vec![header.map(str::to_owned)];
    let bars = report.bars.iter();
    rows.extend(
        bars.map(|bar| [bar.what.clone(), bar.bar.clone(), bar.measured.clone(), word(bar.verdict).to_owned()]),
    );
    write_table(&mut text, &rows);
    text.trim_end().to_owned()
}

fn remarks(report: &Report) -> String {
    let mut text = format!(
        "Control: nginx the second time costs {:.1} % {} than the first",
        (report.control - 1.0).abs() * 100.0,
        if report.control >= 1.0 { "more" } else { "less" }
    );
    text.push_str(if report.steady {
        ".\n"
    } else {
        ": too unsteady, the ratios are not judged. Measure again when the machine is quiet.\n"
    });
    if report.rounds < 5 {
        text.push_str("Fewer than 5 rounds: not for publication.\n");
    }
    if report.disk_is_memory {
        text.push_str("The temporary directory is in memory: `disk` says nothing about a disk. Set TMPDIR to a directory on one.\n");
    }
    let ready = report.start.ready_after_ms;
    let _infallible = writeln!(text, "Ready {ready} ms after the start of the process.\n");
    text
}

impl Server {
    /// What to call it.
    pub fn name(&self) -> String {
        let name = match self.server {
            Leg::Nginx => "nginx `return 302`",
            Leg::NginxAgain => "nginx again (control)",
            Leg::Process => "Hashroute, process",
            Leg::Disk | Leg::DiskMany => "Hashroute, disk",
        };
        name.to_owned()
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::NotJudged => "not judged",
    }
}

fn spread(Spread { median, min, max }: Spread) -> String {
    format!("{median:.2} ({min:.2}–{max:.2})")
}

fn milliseconds(micros: Spread) -> String {
    format!("{:.2}", micros.median / 1e3)
}

/// Columns as wide as their widest cell, two spaces between.
fn write_table<const N: usize>(text: &mut String, rows: &[[String; N]]) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _infallible = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let mut text = String::new();
        super::write_table(&mut text, &[["a".to_owned(), "bb".to_owned()], ["µµµ".to_owned(), "c".to_owned()]]);
        assert_eq!(text, "a    bb\nµµµ  c\n");
    }
}
