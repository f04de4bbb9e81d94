//! A proof in plain words: level by level which rule matched, by what, and what came of it.

use model::facts::Access;
use nsg::{Decision, LevelKind, LevelProof, Proof, State, Step};

/// A line for each level, and one for what comes of it.
pub(super) fn lines(proof: &Proof) -> Vec<String> {
    let mut lines: Vec<String> = proof.levels.iter().map(level).collect();
    lines.push(match proof.verdict.decision {
        Decision::Allowed => "So it is allowed.".to_owned(),
        Decision::Denied => "So it is denied.".to_owned(),
        Decision::NotGoverned => "So rules do not hold for it.".to_owned(),
        Decision::Unknown => "So it is not known what becomes of it.".to_owned(),
    });
    lines
}

/// Why what is known of the rules does not say what the log says.
pub(super) fn why_not(proof: &Proof) -> Vec<String> {
    if proof.is_of_platform {
        return vec![
            "It is traffic with the host itself: Azure logs the rule that would let it pass, and lets it pass whatever rules say."
                .to_owned(),
        ];
    }
    let unknown = proof.unknowns.first();
    let unknown = unknown.map(|unknown| format!("What is known of the rules leaves it open: {unknown}."));
    vec![unknown.unwrap_or_else(|| {
        "The rules that are known say something else: they may have been others at that time.".to_owned()
    })]
}

fn level(level: &LevelProof) -> String {
    let group = level.group.as_ref().map(|group| format!(" {}", group.name()));
    let group = group.unwrap_or_default();
    let asked = match level.kind {
        LevelKind::Admin => "Security admin rules".to_owned(),
        LevelKind::Subnet => format!("The subnet's group{group}"),
        LevelKind::Interface => format!("The interface's group{group}"),
    };
    let matched = level.steps.iter().find(|step| step.state == State::Yes);
    let Some(step) = matched else {
        if level.steps.is_empty() {
            return format!("{asked}: none is about this direction.");
        }
        return format!("{asked}: none of {} asked matches.", counted(level.steps.len()));
    };
    let before = level.steps.iter().take_while(|other| other.place != step.place);
    let passed = match before.count() {
        0 => String::new(),
        count => format!(
            ", after {} that {}",
            counted(count),
            if count == 1 { "does not" } else { "do not" }
        ),
    };
    let does = match step.access {
        Access::Allow => "lets it pass",
        Access::Deny => "denies it",
        Access::AlwaysAllow => "lets it pass for good",
    };
    format!(
        "{asked}: {} (number {}) matches{passed}, and {does}: {}.",
        step.name,
        step.priority,
        parts(step)
    )
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 rule".to_owned(),
        count => format!("{count} rules"),
    }
}

fn parts(step: &Step) -> String {
    format!(
        "from {} to {}, {}, {}",
        anything(&step.source.because.to_string()),
        anything(&step.destination.because.to_string()),
        match step.destination_port.because.to_string().as_str() {
            "*" => "any port".to_owned(),
            ports => ports.to_owned(),
        },
        match step.protocol.because.to_string().as_str() {
            "*" => "any protocol".to_owned(),
            protocol => protocol.to_owned(),
        }
    )
}

fn anything(because: &str) -> &str {
    match because {
        "*" => "anywhere",
        other => other,
    }
}
