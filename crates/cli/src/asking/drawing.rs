//! What `render` asks for, drawn.

use std::io::Write;

use chart::{Chart, LeftOut};
use engine::KqlAnswer;
use kql::bound::Rendering;

use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::session::Session;

/// Where nobody looks, a page's width.
const WIDTH: usize = 100;

/// How an answer is to be drawn, if it is.
fn picture(answer: &KqlAnswer) -> Option<&Rendering> {
    let rendering = answer.rendering.as_ref();
    rendering.filter(|rendering| Chart::is_asked_for(rendering))
}

/// Draws an answer with letters and blocks, if it is to be drawn and can be. If it cannot, it is said why.
pub(super) fn draw(session: &Session, out: &mut dyn Write, answer: &KqlAnswer) -> anyhow::Result<bool> {
    let Some(rendering) = picture(answer) else {
        return Ok(false);
    };
    match Chart::of(&answer.rows, rendering) {
        Ok(drawn) => {
            let width = session.terminal.width.unwrap_or(WIDTH);
            out.write_all(drawn.to_text(width).as_bytes())?;
            say_left_out(session, drawn.left_out());
            Ok(true)
        }
        Err(refused) => {
            let text = format!("not drawn: {}", refused.reason);
            session.say(&Message::new(Grade::Note, text).hint(refused.hint));
            Ok(false)
        }
    }
}

/// Draws the one answer that is to be drawn.
pub(super) fn write_svg(session: &Session, out: &mut dyn Write, answers: &[KqlAnswer]) -> anyhow::Result<()> {
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
    let drawn = Chart::of(&answer.rows, rendering).and_then(|drawn| Ok((drawn.to_svg()?, drawn.left_out())));
    let (svg, left_out) = drawn
        .map_err(|refused| Failure::usage(format!("not drawn: {}", refused.reason)).hint(refused.hint))?;
    out.write_all(svg.as_bytes())?;
    say_left_out(session, left_out);
    Ok(())
}

fn say_left_out(session: &Session, left_out: LeftOut) {
    let LeftOut { series, words, rows } = left_out;
    let counts = [
        (series, format!("{series} further series")),
        (words, counted(words as u64, "further bar")),
        (
            rows,
            format!("{} without a place or a measure", counted(rows as u64, "row")),
        ),
    ];
    for (_, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        let message = Message::new(Grade::Note, format!("{what} not drawn"));
        session.say(&message.hint("`| top 20 by …` draws what matters; `| render table` shows all rows"));
    }
}
