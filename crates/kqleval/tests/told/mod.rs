//! The first mistake of a query, compared with what is to be said of it.

struct Nothing;

impl kqleval::Tables for Nothing {
    fn table(&self, name: &str) -> kqleval::Result<kqleval::Table> {
        Err(kqleval::Failure::new(format!("there is no table `{name}`")))
    }
}

/// The code, the place and the hint of the first mistake; where grammar is broken, of the grammar's.
pub(crate) fn first(text: &str) -> (&'static str, String, String) {
    let (query, mut diagnostics) = kql::parse(text);
    let evaluator = kqleval::Evaluator::new(&Nothing, 1);
    let columns = "Time:datetime Ip:string Rule:string Port:long Bag:dynamic Open:bool"
        .split(' ')
        .map(|column| {
            let (name, kind) = column.split_once(':').unwrap_or_default();
            let kind = kql::ScalarType::from_name(kind).unwrap_or(kql::ScalarType::Dynamic);
            kql::bound::Column::new(name, kind)
        })
        .collect();
    let wide = (1..=40).map(|at| kql::bound::Column::new(format!("C{at}"), kql::ScalarType::Long));
    let tables = [("T".to_owned(), columns), ("Wide".to_owned(), wide.collect())];
    let names = kqleval::Names::new(tables.into_iter().collect(), 0, &evaluator);
    let (_, more) = kql::bind(&query, text, &names, &[]);
    diagnostics.extend(more);
    let mut errors = diagnostics
        .into_iter()
        .filter(|held| held.severity == kql::Severity::Error);
    errors.next().map_or_else(
        || ("", String::new(), String::new()),
        |held| {
            (
                held.code.name(),
                held.span.text(text).to_owned(),
                held.hint.unwrap_or_default(),
            )
        },
    )
}

/// Compares the code, the place and the hint.
#[track_caller]
pub(crate) fn check(text: &str, code: &str, place: &str, hint: &str) {
    let told = first(text);
    assert_eq!(
        (told.0, told.1.as_str(), told.2.as_str()),
        (code, place, hint),
        "{text}"
    );
}
