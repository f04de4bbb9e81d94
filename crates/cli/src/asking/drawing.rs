//! What `render` asks for, drawn.

use std::io::Write;

use chart::{Chart, NotDrawn, Note};
use engine::{EngineError, KqlAnswer};
use kql::bound::Rendering;

use super::say_notes;
use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::session::Session;
use crate::working::engine_failure;

/// Where nobody looks, a page's width.
const WIDTH: usize = 100;

/// Says whether the query is to end, and why.
pub(crate) type Stop<'s> = &'s dyn Fn() -> Option<EngineError>;

/// How an answer is to be drawn, if it is.
fn picture(answer: &KqlAnswer) -> Option<&Rendering> {
    let rendering = answer.rendering.as_ref();
    rendering.filter(|rendering| Chart::is_asked_for(rendering))
}

/// Draws an answer with letters and blocks, if it is to be drawn and can be. If it cannot, it is said why.
pub(super) fn draw(
    session: &Session,
    out: &mut dyn Write,
    answer: &KqlAnswer,
    stop: Stop<'_>,
) -> anyhow::Result<bool> {
    let Some(rendering) = picture(answer) else {
        return Ok(false);
    };
    let ends = || stop().is_some();
    let width = session.terminal.width.unwrap_or(WIDTH);
    let drawn =
        Chart::of(&answer.rows, rendering, &ends).and_then(|drawn| Ok((drawn.to_text(width, &ends)?, drawn)));
    match drawn {
        Ok((text, drawn)) => {
            out.write_all(text.as_bytes())?;
            say(session, drawn.notes());
            Ok(true)
        }
        Err(NotDrawn::Refused { reason, hint }) => {
            session.say(&Message::new(Grade::Note, format!("not drawn: {reason}")).hint(hint));
            Ok(false)
        }
        Err(NotDrawn::Stopped) => Err(stopped(stop).into()),
    }
}

/// Draws the one answer that is to be drawn.
pub(super) fn write_svg(
    session: &Session,
    out: &mut dyn Write,
    answers: &[KqlAnswer],
    stop: Stop<'_>,
) -> anyhow::Result<()> {
    let asked: Vec<_> = answers
        .iter()
        .filter_map(|answer| Some((answer, picture(answer)?)))
        .collect();
    let [(answer, rendering)] = asked.as_slice() else {
        let (text, hint) = if asked.is_empty() {
            (
                "the query has no `render`, and SVG is a drawing",
                "add one: `| render timechart`, `| render barchart`",
            )
        } else {
            (
                "the query has several answers with `render`, and a file holds one",
                "ask them one by one",
            )
        };
        return Err(Failure::usage(text).hint(hint).into());
    };
    let ends = || stop().is_some();
    let drawn = Chart::of(&answer.rows, rendering, &ends).and_then(|drawn| Ok((drawn.to_svg(&ends)?, drawn)));
    let (svg, drawn) = drawn.map_err(|refused| match refused {
        NotDrawn::Refused { reason, hint } => Failure::usage(format!("not drawn: {reason}")).hint(hint),
        NotDrawn::Stopped => stopped(stop),
    })?;
    out.write_all(svg.as_bytes())?;
    say(session, drawn.notes());
    Ok(())
}

/// Why drawing was stopped.
fn stopped(stop: Stop<'_>) -> Failure {
    engine_failure(&stop().unwrap_or(EngineError::Cancelled))
}

fn say(session: &Session, notes: &[Note]) {
    let notes = notes.iter();
    say_notes(
        session,
        notes.map(|note| (note.text.as_str(), note.hint.as_deref())),
    );
}
