//! What care was taken, in words and as JSON.

use std::io::{Result, Write};

use model::TableVersion;
use table::{CompactReport, Fold, Follower, Gone, Migration, VacuumOptions, VacuumReport, day_text};

use crate::instant;
use crate::json_text::Json;
use crate::quantity::{bytes, counted, grouped, span};
use model::printable;

/// One step of a compaction.
pub(super) fn fold(out: &mut dyn Write, fold: &Fold, dry_run: bool) -> Result<()> {
    let (table, day) = (fold.table, day_text(fold.day));
    let before = format!("{} ({})", counted(fold.files.0, "file"), bytes(fold.bytes.0));
    let rows = counted(fold.rows, "row");
    if dry_run {
        let after = grouped(fold.files.1);
        writeln!(out, "{table} {day}: {before} would become {after}, {rows}")
    } else {
        let after = format!("{} ({})", grouped(fold.files.1), bytes(fold.bytes.1));
        writeln!(out, "{table} {day}: {before} became {after}, {rows}")
    }
}

/// The end of a compaction, or all that would be done.
pub(super) fn compact(out: &mut dyn Write, report: &CompactReport, dry_run: bool) -> Result<()> {
    if dry_run {
        for step in &report.folds {
            fold(out, step, true)?;
        }
    }
    if report.never_committed > 0 {
        let files = counted(report.never_committed, "file");
        let verb = if dry_run { "would be dropped" } else { "dropped" };
        writeln!(
            out,
            "{files} of commits that never were {verb}: their rows did not count"
        )?;
    }
    for problem in &report.damaged {
        writeln!(out, "left alone: {}", printable::text(problem))?;
    }
    if report.given_up > 0 {
        let groups = counted(report.given_up, "group");
        writeln!(
            out,
            "{groups} of files left for the next time: another program changed them"
        )?;
    }
    if report.folds.is_empty() {
        return writeln!(out, "nothing to fold: no day has enough small files");
    }
    if dry_run {
        return Ok(());
    }
    writeln!(
        out,
        "the small files are kept for earlier versions, until `flowglass table vacuum`"
    )
}

/// A step as an object.
pub(in super::super) fn fold_json(fold: &Fold) -> Json {
    Json::Object(vec![
        ("table", Json::text(fold.table)),
        ("day", Json::text(day_text(fold.day))),
        ("files_before", Json::from(fold.files.0)),
        ("files_after", Json::from(fold.files.1)),
        ("bytes_before", Json::from(fold.bytes.0)),
        ("bytes_after", Json::from(fold.bytes.1)),
        ("rows", Json::from(fold.rows)),
    ])
}

pub(super) fn compact_json(report: &CompactReport, dry_run: bool) -> Json {
    let damaged = report.damaged.iter().map(|problem| Json::text(problem.clone()));
    Json::Object(vec![
        ("dry_run", Json::Bool(dry_run)),
        ("folds", Json::List(report.folds.iter().map(fold_json).collect())),
        ("never_committed", Json::from(report.never_committed)),
        ("given_up", Json::from(report.given_up)),
        ("damaged", Json::List(damaged.collect())),
    ])
}

const KINDS: [(Gone, &str); 4] = [
    (Gone::Data, "data file"),
    (Gone::Position, "position file"),
    (Gone::Temporary, "half-written file"),
    (Gone::Log, "file of logs"),
];

/// What went, or would.
pub(super) fn vacuum(out: &mut dyn Write, report: &VacuumReport, options: VacuumOptions) -> Result<()> {
    if options.dry_run {
        for (_, path, size) in &report.gone {
            writeln!(out, "  {}, {}", printable::text(path), bytes(*size))?;
        }
    }
    let verb = if options.dry_run { "would go" } else { "removed" };
    let mut any = false;
    for (kind, name) in KINDS {
        let sizes = report.gone.iter().filter(|(gone, ..)| *gone == kind);
        let (count, size) = sizes.fold((0, 0), |(count, sum), (_, _, size)| (count + 1, sum + size));
        if count > 0 {
            any = true;
            let noun = match (kind, count) {
                (Gone::Log, 2..) => format!("{} files of logs", grouped(count)),
                _ => counted(count, name),
            };
            writeln!(out, "{verb}: {noun}, {}", bytes(size))?;
        }
    }
    if !any {
        writeln!(out, "nothing to remove")?;
    }
    for failure in &report.failed {
        writeln!(out, "not removed: {}", printable::text(failure))?;
    }
    let secs = |secs: u64| span(i64::try_from(secs).unwrap_or(i64::MAX).saturating_mul(1_000_000));
    let least = if report.retain_secs > options.retain_secs {
        ", the least there is"
    } else {
        ""
    };
    writeln!(
        out,
        "every version from {} on can be read; superseded ones are kept for {}{least}",
        report.keeps_from,
        secs(report.retain_secs)
    )?;
    let Some(held) = &report.held_back else {
        return Ok(());
    };
    writeln!(
        out,
        "held back by follower `{}`, at version {} since {}; but for it, versions before {} would go",
        printable::text(&held.follower.name),
        held.follower.version,
        instant::iso(held.follower.advanced_micros),
        held.otherwise
    )
}

pub(super) fn vacuum_json(report: &VacuumReport, dry_run: bool) -> Json {
    let kind = |gone: Gone| match gone {
        Gone::Data => "data",
        Gone::Position => "position",
        Gone::Temporary => "temporary",
        Gone::Log => "log",
    };
    let gone = report.gone.iter().map(|(gone, path, size)| {
        Json::Object(vec![
            ("path", Json::text(path.clone())),
            ("kind", Json::text(kind(*gone))),
            ("bytes", Json::from(*size)),
        ])
    });
    let failed = report.failed.iter().map(|failure| Json::text(failure.clone()));
    let held = report.held_back.as_ref().map_or(Json::Null, |held| {
        Json::Object(vec![
            ("name", Json::text(held.follower.name.clone())),
            ("version", Json::from(Some(held.follower.version))),
            ("since", Json::text(instant::iso(held.follower.advanced_micros))),
            ("otherwise", Json::from(Some(held.otherwise))),
        ])
    });
    Json::Object(vec![
        ("dry_run", Json::Bool(dry_run)),
        ("keeps_from", Json::from(Some(report.keeps_from))),
        ("retain_secs", Json::from(report.retain_secs)),
        ("held_back", held),
        ("failed", Json::List(failed.collect())),
        ("gone", Json::List(gone.collect())),
    ])
}

pub(super) fn checkpoint_json(written: &[(&'static str, TableVersion)]) -> Json {
    let each = written.iter().map(|(name, version)| {
        Json::Object(vec![
            ("table", Json::text(*name)),
            ("version", Json::from(Some(version.0))),
        ])
    });
    Json::Object(vec![("checkpoints", Json::List(each.collect()))])
}

/// What a migration did, or would do.
pub(super) fn migrate(out: &mut dyn Write, all: &[Migration], dry_run: bool) -> Result<()> {
    if all.is_empty() {
        return writeln!(out, "nothing to do: the table has the present format");
    }
    for Migration { table, steps } in all {
        for step in steps {
            writeln!(out, "{table}: {step}")?;
        }
    }
    let said = if dry_run {
        "nothing was changed yet; rows that are there will be null in new columns"
    } else {
        "done; rows that were there are null in new columns"
    };
    writeln!(out, "{said}")
}

pub(super) fn migrate_json(all: &[Migration], dry_run: bool) -> Json {
    let each = all.iter().map(|migration| {
        let steps = migration.steps.iter().map(|step| Json::text(step.to_string()));
        Json::Object(vec![
            ("table", Json::text(migration.table)),
            ("steps", Json::List(steps.collect())),
        ])
    });
    Json::Object(vec![
        ("dry_run", Json::Bool(dry_run)),
        ("tables", Json::List(each.collect())),
    ])
}

/// Who follows the table.
pub(super) fn followers(out: &mut dyn Write, all: &[Follower], newest: TableVersion) -> Result<()> {
    if all.is_empty() {
        return writeln!(out, "no followers: vacuum keeps versions by their age alone");
    }
    for follower in all {
        writeln!(
            out,
            "{}: at version {} of {newest} since {}, registered {}",
            follower.name,
            follower.version,
            instant::iso(follower.advanced_micros),
            instant::iso(follower.registered_micros)
        )?;
    }
    Ok(())
}

pub(super) fn followers_json(all: &[Follower], newest: TableVersion) -> Json {
    let each = all.iter().map(|follower| {
        Json::Object(vec![
            ("name", Json::text(follower.name.clone())),
            ("version", Json::from(Some(follower.version))),
            ("since", Json::text(instant::iso(follower.advanced_micros))),
            ("registered", Json::text(instant::iso(follower.registered_micros))),
        ])
    });
    Json::Object(vec![
        ("newest", Json::from(Some(newest.0))),
        ("followers", Json::List(each.collect())),
    ])
}
