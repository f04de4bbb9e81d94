//! `scan`: rows matched to a sequence of steps.

use kql::bound::{ListItems, Scalar, ScalarKind, Scan, ScanStep};

use crate::Result;
use crate::base::literal;
use crate::gathering::Gathering;
use crate::probe::asks_for_rows;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::Value;

/// A match that is under way: the rows that its steps have taken last, with what the steps have set.
#[derive(Clone)]
struct State {
    /// The last row of each step, with the declared columns behind those of the input.
    rows: Vec<Option<Vec<Value>>>,
    id: i64,
    /// The last row of each step whose last rows go out, with the step.
    held: Vec<(usize, Vec<Value>)>,
}

/// A scan on its way through the rows.
struct Scanning<'s, 't> {
    scan: &'s Scan,
    /// The columns of the input, and behind them the declared ones.
    inner: Vec<kql::bound::Column>,
    defaults: Vec<Value>,
    /// For each step the match that has come to it.
    states: Vec<Option<State>>,
    /// A match that has taken nothing yet.
    begins: State,
    next_id: i64,
    out: Gathering<'s, 't>,
}

/// Where a match stands that a row may move on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Candidate {
    /// At the step itself.
    Stays,
    /// At a step before it.
    Comes(usize),
    /// Nowhere yet.
    Begins,
}

impl Scanning<'_, '_> {
    /// The matches that a row may move on at a step. One that comes from the step before goes before one that stays; at
    /// the first step one that is there goes before one that begins.
    fn candidates(&self, at: usize) -> [Option<Candidate>; 2] {
        let is_there = self.states.get(at).is_some_and(Option::is_some);
        let stays = is_there.then_some(Candidate::Stays);
        match at {
            0 => [stays, Some(Candidate::Begins)],
            _ => [before(self.scan, &self.states, at).map(Candidate::Comes), stays],
        }
    }

    fn state(&self, at: usize, candidate: Candidate) -> Option<&State> {
        match candidate {
            Candidate::Stays => self.states.get(at)?.as_ref(),
            Candidate::Comes(from) => self.states.get(from)?.as_ref(),
            Candidate::Begins => Some(&self.begins),
        }
    }

    /// A match has taken a row at a step.
    fn takes(
        &mut self,
        at: usize,
        step: &ScanStep,
        mut state: State,
        candidate: Candidate,
        taken: Vec<Value>,
    ) -> Result<()> {
        if candidate == Candidate::Begins {
            state.id = self.next_id;
            self.next_id += 1;
        }
        if let Some(slot) = state.rows.get_mut(at) {
            *slot = Some(taken.clone());
        }
        let mut given = taken;
        if self.scan.match_id.is_some() {
            given.push(Value::Long(state.id));
        }
        match step.output.as_str() {
            "all" => self.out.row(given)?,
            "last" => {
                state.held.retain(|(step, _)| *step != at);
                state.held.push((at, given));
            }
            _ => {}
        }
        // The match has left the step that it comes from.
        if let Candidate::Comes(from) = candidate
            && let Some(slot) = self.states.get_mut(from)
        {
            *slot = None;
        }
        let Some(slot) = self.states.get_mut(at) else {
            return Ok(());
        };
        let before = slot.replace(state);
        match before {
            // A match whose step another takes has ended.
            Some(ended) if candidate != Candidate::Stays => self.ends(ended),
            _ => Ok(()),
        }
    }

    /// What a match has held back goes out when it ends.
    fn ends(&mut self, state: State) -> Result<()> {
        state.held.into_iter().try_for_each(|(_, row)| self.out.row(row))
    }
}

impl Evaluator<'_> {
    /// A scan of rows that come in parts, one after the other.
    pub(crate) fn scan(
        &self,
        schema: Vec<kql::bound::Column>,
        scan: &Scan,
        columns: &[kql::bound::Column],
        parts: impl Iterator<Item = Result<Table>>,
    ) -> Result<Table> {
        let defaults = scan
            .declarations
            .iter()
            .map(|(column, value)| match value {
                Some(value) => self.constant(value),
                None if column.kind == kql::ScalarType::String => Ok(Value::String(String::new())),
                None => Ok(Value::Null),
            })
            .collect::<Result<Vec<_>>>()?;
        let mut inner = columns.to_vec();
        inner.extend(scan.declarations.iter().map(|(column, _)| column.clone()));
        let mut scanning = Scanning {
            scan,
            inner,
            defaults,
            states: vec![None; scan.steps.len()],
            begins: State {
                rows: vec![None; scan.steps.len()],
                id: 0,
                held: Vec::new(),
            },
            next_id: 0,
            out: Gathering::new(&self.budget, schema),
        };
        for part in parts {
            self.scan_part(&mut scanning, &part?)?;
        }
        for state in std::mem::take(&mut scanning.states).into_iter().flatten() {
            scanning.ends(state)?;
        }
        scanning.out.whole()
    }

    fn scan_part(&self, scanning: &mut Scanning<'_, '_>, part: &Table) -> Result<()> {
        let mut held = self.budget.hold();
        held.keep(part)?;
        // What looks at no step is the same whatever has been matched.
        let plain = scanning.scan.steps.iter().map(|step| {
            let is_plain =
                !asks_for_rows(&step.condition) && looks_at_input(&step.condition, part.columns.len());
            is_plain.then(|| self.column(&step.condition, part)).transpose()
        });
        let plain = plain.collect::<Result<Vec<_>>>()?;
        for row in 0..part.rows {
            self.budget.tick()?;
            let mut cells: Option<Vec<Value>> = None;
            // From the last step to the first, so that a row moves a match on by one step.
            for (at, step) in scanning.scan.steps.iter().enumerate().rev() {
                let known = plain.get(at).and_then(Option::as_ref);
                let known = known.map(|column| column.cell(row).bool() == Some(true));
                if known == Some(false) {
                    continue;
                }
                let cells = cells.get_or_insert_with(|| {
                    let cells = part.row(row).into_iter().map(Value::from);
                    cells.chain(scanning.defaults.iter().cloned()).collect()
                });
                self.scan_at(scanning, at, step, (cells, known))?;
            }
        }
        Ok(())
    }

    /// What a row does at one step; whether the step's condition holds may be known.
    fn scan_at(
        &self,
        scanning: &mut Scanning<'_, '_>,
        at: usize,
        step: &ScanStep,
        (cells, known): (&[Value], Option<bool>),
    ) -> Result<()> {
        for candidate in scanning.candidates(at).into_iter().flatten() {
            let Some(state) = scanning.state(at, candidate) else {
                continue;
            };
            let holds = match known {
                Some(known) => known,
                None => self.holds(step, &scanning.inner, cells, state, &scanning.defaults)?,
            };
            if !holds {
                continue;
            }
            let mut taken = cells.to_vec();
            let declared = scanning.inner.len() - scanning.defaults.len();
            for (place, value) in &step.assignments {
                let value = self.in_scan(value, &scanning.inner, cells, state, &scanning.defaults)?;
                if let Some(slot) = taken.get_mut(declared + place) {
                    *slot = value;
                }
            }
            let state = state.clone();
            scanning.takes(at, step, state, candidate, taken)?;
            break;
        }
        Ok(())
    }

    fn holds(
        &self,
        step: &ScanStep,
        inner: &[kql::bound::Column],
        cells: &[Value],
        state: &State,
        defaults: &[Value],
    ) -> Result<bool> {
        let value = self.in_scan(&step.condition, inner, cells, state, defaults)?;
        Ok(value.cell().bool() == Some(true))
    }

    /// An expression over a row and the rows that the steps have taken.
    fn in_scan(
        &self,
        scalar: &Scalar,
        inner: &[kql::bound::Column],
        cells: &[Value],
        state: &State,
        defaults: &[Value],
    ) -> Result<Value> {
        let mut row = cells.to_vec();
        let placed = placed(scalar, inner.len(), state, defaults, &mut row);
        // Bags and arrays of the steps stand behind the row's own columns.
        let mut columns = inner.to_vec();
        for at in columns.len()..row.len() {
            columns.push(kql::bound::Column::new(
                format!("step_{at}"),
                kql::ScalarType::Dynamic,
            ));
        }
        let one = Table::of_values(columns, &[row])?;
        Ok(Value::from(self.scalar(&placed, &one)?.cell(0)))
    }
}

/// True if it looks at nothing but so many first columns.
fn looks_at_input(scalar: &Scalar, columns: usize) -> bool {
    match &scalar.kind {
        ScalarKind::Column(at) => *at < columns,
        ScalarKind::StepColumn(..) | ScalarKind::Window(..) | ScalarKind::PackAll(_) => false,
        _ => scalar
            .parts()
            .into_iter()
            .all(|part| looks_at_input(part, columns)),
    }
}

/// The step before at which a match stands; optional steps are passed over.
fn before(scan: &Scan, states: &[Option<State>], at: usize) -> Option<usize> {
    let mut place = at;
    while let Some(earlier) = place.checked_sub(1) {
        if states.get(earlier).is_some_and(Option::is_some) {
            return Some(earlier);
        }
        if !scan.steps.get(earlier).is_some_and(|step| step.is_optional) {
            return None;
        }
        place = earlier;
    }
    None
}

/// The expression with the columns of steps put in: as literals, and where there are none for them, as columns behind
/// those of the row.
fn placed(scalar: &Scalar, width: usize, state: &State, defaults: &[Value], row: &mut Vec<Value>) -> Scalar {
    let mut all = |scalars: &[Scalar]| -> Vec<Scalar> {
        scalars
            .iter()
            .map(|scalar| placed(scalar, width, state, defaults, row))
            .collect()
    };
    let kind = match &scalar.kind {
        ScalarKind::StepColumn(step, column) => {
            let value = taken(state, *step, *column, width, defaults, scalar.gives);
            literal(&value, scalar.gives)
                .map(ScalarKind::Literal)
                .unwrap_or_else(|| {
                    row.push(value);
                    ScalarKind::Column(row.len() - 1)
                })
        }
        ScalarKind::Call(name, arguments) => ScalarKind::Call(name.clone(), all(arguments)),
        ScalarKind::Logic(is_and, terms) => ScalarKind::Logic(*is_and, all(terms)),
        ScalarKind::Widened(inside) => {
            ScalarKind::Widened(Box::new(placed(inside, width, state, defaults, row)))
        }
        ScalarKind::In(value, operator, ListItems::Values(items)) => {
            let items = all(items);
            let value = placed(value, width, state, defaults, row);
            ScalarKind::In(Box::new(value), *operator, ListItems::Values(items))
        }
        ScalarKind::In(value, operator, ListItems::Rows(rows)) => {
            let value = placed(value, width, state, defaults, row);
            ScalarKind::In(Box::new(value), *operator, ListItems::Rows(rows.clone()))
        }
        other => other.clone(),
    };
    Scalar {
        kind,
        gives: scalar.gives,
        span: scalar.span,
    }
}

/// What a step has in a column: of the row that it has taken last, or as at the beginning.
fn taken(
    state: &State,
    step: usize,
    column: usize,
    width: usize,
    defaults: &[Value],
    kind: kql::ScalarType,
) -> Value {
    if let Some(row) = state.rows.get(step).and_then(Option::as_ref) {
        return row.get(column).cloned().unwrap_or(Value::Null);
    }
    let first_declared = width - defaults.len();
    let declared = column.checked_sub(first_declared).and_then(|at| defaults.get(at));
    declared.cloned().unwrap_or(if kind == kql::ScalarType::String {
        Value::String(String::new())
    } else {
        Value::Null
    })
}
