//! `top-nested`: groups level by level, each within those that the level before has kept. Of the rows that no level keeps
//! the levels say what they are together.

use ahash::AHashMap;
use kql::bound::TopNestedLevel;
use kqlfn::Cell;

use crate::Result;
use crate::base::{Base, Grouping};
use crate::budget::{Held, weight};
use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::{Value, key, order};

/// What a group that is kept takes beside its values.
const KEPT_BYTES: usize = 96;

/// What a level has kept within each group of the level before, by that group's path.
#[derive(Default)]
struct Kept {
    groups: AHashMap<Vec<u8>, Vec<Group>>,
    /// What this level and those behind it say of the rows that are left over, where there are any.
    rests: AHashMap<Vec<u8>, Vec<Value>>,
    /// The same of no rows at all.
    nothing: Vec<Value>,
}

/// A group: its key of this level, and what it is ordered by.
struct Group {
    key: Value,
    given: Value,
}

struct Nested<'n, 'e, 't> {
    evaluator: &'e Evaluator<'t>,
    base: &'n Base<'n>,
    levels: &'n [TopNestedLevel],
    kept: Vec<Kept>,
    held: Held,
}

impl Evaluator<'_> {
    pub(crate) fn top_nested(
        &self,
        schema: Vec<kql::bound::Column>,
        levels: &[TopNestedLevel],
        base: &Base<'_>,
    ) -> Result<Table> {
        let mut nested = Nested {
            evaluator: self,
            base,
            levels,
            kept: Vec::with_capacity(levels.len()),
            held: self.budget.hold(),
        };
        let mut paths = vec![Vec::new()];
        for at in 0..levels.len() {
            paths = nested.level(at, &paths)?;
        }
        let mut rows = Gathering::new(&self.budget, schema);
        nested.give(0, &mut Vec::new(), &mut Vec::new(), &mut rows)?;
        rows.whole()
    }
}

impl Nested<'_, '_, '_> {
    /// Groups the rows of some paths by one more key, and gives the paths of the groups that are kept.
    fn level(&mut self, at: usize, paths: &[Vec<Value>]) -> Result<Vec<Vec<Value>>> {
        let (levels, evaluator) = (self.levels, self.evaluator);
        let (Some(level), Some(from_here)) = (levels.get(at), levels.get(at..)) else {
            return Ok(Vec::new());
        };
        if paths.is_empty() {
            self.kept.push(Kept::default());
            return Ok(Vec::new());
        }
        let keys: Vec<_> = levels.iter().take(at + 1).map(|level| &level.of.value).collect();
        // Where every group was kept there is nothing to leave out.
        let are_all = levels.iter().take(at).all(|level| level.count.is_none());
        let among = (!are_all).then_some(paths);
        let grouping = Grouping {
            keys: &keys,
            groups: keys.len(),
            calls: &level.by,
            among,
            not_among: None,
            span: level.of.value.span,
        };
        let grouped = self.base.grouped(evaluator, &grouping)?;
        let given = evaluator.column(&level.value, &columns_from(&grouped, at + 1))?;
        let mut kept = Kept::default();
        for row in 0..grouped.rows {
            evaluator.budget.tick()?;
            let path: Vec<Cell<'_>> = (0..at).map(|place| grouped.cell(place, row)).collect();
            let group = Group {
                key: Value::from(grouped.cell(at, row)),
                given: Value::from(given.cell(row)),
            };
            self.held
                .grow(KEPT_BYTES + weight(std::slice::from_ref(&group.key)))?;
            kept.groups.entry(key(&path)).or_default().push(group);
        }
        let count = match &level.count {
            Some(count) => usize::try_from(evaluator.number(count)?.unwrap_or(0)).unwrap_or(0),
            None => usize::MAX,
        };
        let mut next = Vec::new();
        for path in paths {
            let Some(groups) = kept.groups.get_mut(&path_key(path)) else {
                continue;
            };
            groups.sort_by(|left, right| {
                let given = order(left.given.cell(), right.given.cell());
                let given = if level.is_ascending {
                    given
                } else {
                    given.reverse()
                };
                // Of those that are equal the same are kept each time.
                given.then_with(|| order(left.key.cell(), right.key.cell()))
            });
            groups.truncate(count);
            for group in groups {
                let mut longer = path.clone();
                longer.push(group.key.clone());
                self.held.grow(weight(&longer))?;
                next.push(longer);
            }
        }
        if from_here.iter().any(|level| level.others.is_some()) {
            self.rests(at, from_here, &mut kept, (paths, &next))?;
        }
        self.kept.push(kept);
        Ok(next)
    }

    /// What a level and those behind it say of the rows of some paths that are in none of the groups that are kept.
    fn rests(
        &mut self,
        at: usize,
        levels: &[TopNestedLevel],
        kept: &mut Kept,
        (paths, next): (&[Vec<Value>], &[Vec<Value>]),
    ) -> Result<()> {
        let Some(level) = levels.first() else {
            return Ok(());
        };
        let calls: Vec<_> = levels.iter().flat_map(|level| level.by.iter().cloned()).collect();
        let mut grouping = Grouping {
            keys: &[],
            groups: 0,
            calls: &calls,
            among: None,
            not_among: None,
            span: level.of.value.span,
        };
        let nothing = self.base.nothing()?;
        let of_nothing = Base::of_table(&nothing).grouped(self.evaluator, &grouping)?;
        kept.nothing = self.said(levels, &of_nothing, 0)?.pop().unwrap_or_default();
        if level.count.is_none() {
            return Ok(());
        }
        let keys = self.levels.iter().take(at + 1).map(|level| &level.of.value);
        let keys: Vec<_> = keys.collect();
        grouping.keys = &keys;
        grouping.groups = at;
        grouping.among = (at > 0).then_some(paths);
        grouping.not_among = (!next.is_empty()).then_some(next);
        let grouped = self.base.grouped(self.evaluator, &grouping)?;
        let said = self.said(levels, &grouped, at)?;
        for (row, values) in said.into_iter().enumerate() {
            let path: Vec<Cell<'_>> = (0..at).map(|place| grouped.cell(place, row)).collect();
            self.held.grow(KEPT_BYTES + weight(&values))?;
            kept.rests.insert(key(&path), values);
        }
        Ok(())
    }

    /// What levels say of each row of groups, whose aggregates stand behind so many keys, level after level.
    fn said(&self, levels: &[TopNestedLevel], grouped: &Table, keys: usize) -> Result<Vec<Vec<Value>>> {
        let mut said = vec![Vec::with_capacity(levels.len()); grouped.rows];
        let mut from = keys;
        for level in levels {
            let value = self
                .evaluator
                .column(&level.value, &columns_from(grouped, from))?;
            for (row, said) in said.iter_mut().enumerate() {
                said.push(Value::from(value.cell(row)));
            }
            from += level.by.iter().map(|call| call.columns.len()).sum::<usize>();
        }
        Ok(said)
    }

    /// The rows within a path, the groups that are kept first.
    fn give(
        &self,
        at: usize,
        path: &mut Vec<Value>,
        cells: &mut Vec<Value>,
        rows: &mut Gathering<'_, '_>,
    ) -> Result<()> {
        let Some(kept) = self.kept.get(at) else {
            return rows.row(cells.clone());
        };
        let path_bytes = path_key(path);
        for group in kept.groups.get(&path_bytes).into_iter().flatten() {
            path.push(group.key.clone());
            cells.extend([group.key.clone(), group.given.clone()]);
            self.give(at + 1, path, cells, rows)?;
            path.pop();
            cells.truncate(cells.len() - 2);
        }
        let rest = kept.rests.get(&path_bytes);
        self.give_rest(at, rest, &kept.nothing, cells.clone(), rows)
    }

    /// The row of what is left over within a path, if a level has a name for it.
    fn give_rest(
        &self,
        at: usize,
        rest: Option<&Vec<Value>>,
        nothing: &[Value],
        mut cells: Vec<Value>,
        rows: &mut Gathering<'_, '_>,
    ) -> Result<()> {
        let levels = self.levels.get(at..).unwrap_or_default();
        let values = rest.map_or(nothing, Vec::as_slice);
        for (place, level) in levels.iter().enumerate() {
            match &level.others {
                Some(others) => {
                    cells.push(self.evaluator.constant(others)?);
                    cells.push(values.get(place).cloned().unwrap_or(Value::Null));
                }
                // They have no name here, and perhaps one further down.
                None if rest.is_some() && levels.iter().skip(place).any(|level| level.others.is_some()) => {
                    cells.extend([Value::Null, Value::Null]);
                }
                None => return Ok(()),
            }
        }
        rows.row(cells)
    }
}

fn path_key(path: &[Value]) -> Vec<u8> {
    key(&path.iter().map(Value::cell).collect::<Vec<_>>())
}

/// The table without its first columns.
fn columns_from(table: &Table, from: usize) -> Table {
    let columns = table.columns.iter().skip(from).cloned().collect();
    let schema = table.schema.iter().skip(from).cloned().collect();
    Table::new(schema, columns, table.rows)
}
