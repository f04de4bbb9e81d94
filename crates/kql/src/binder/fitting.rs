//! Which signature a call's arguments fit, what it gives then, and what is said where none fits.

use super::{Binder, slips};
use crate::bound::Scalar;
use crate::diagnostic::{Code, Diagnostic};
use crate::signature::{Class, Gives, Signature};
use crate::syntax::Literal;
use crate::types::ScalarType;

impl Binder<'_> {
    /// Finds the signature that fits, and the type that the call gives.
    pub(super) fn resolve(
        &mut self,
        name: &str,
        signatures: &[Signature],
        arguments: Vec<Scalar>,
        span: crate::span::Span,
    ) -> Option<(Vec<Scalar>, ScalarType)> {
        let kinds: Vec<ScalarType> = arguments.iter().map(|argument| argument.gives).collect();
        for signature in signatures {
            if let Some(gives) = fit(signature, &kinds) {
                self.types_are_literal(name, signature, &arguments)?;
                return Some((arguments, gives));
            }
        }
        self.does_not_fit(name, signatures, &arguments, span)
    }

    /// A type is written as `typeof(long)`, or stands behind a name for it.
    fn types_are_literal(&mut self, name: &str, signature: &Signature, arguments: &[Scalar]) -> Option<()> {
        for (at, argument) in arguments.iter().enumerate() {
            let parameter = signature.parameter_of(at, arguments.len())?;
            let is_type = argument.as_literal() == Some(&Literal::null(argument.gives));
            if parameter.class == Class::TypeLiteral && !is_type && argument.gives != ScalarType::String {
                return self.no_type(name, argument);
            }
            // Texts have no null to tell a type by.
            let text = argument.span.text(self.text);
            if parameter.class == Class::TypeLiteral && !is_type && !text.starts_with("typeof") {
                return self.no_type(name, argument);
            }
        }
        Some(())
    }

    fn no_type<T>(&mut self, name: &str, argument: &Scalar) -> Option<T> {
        let message = format!("`{name}` takes a type here, and this is a value");
        let diagnostic = Diagnostic::error(Code::SEM0219, argument.span, message);
        self.tell(diagnostic.hint("a type is written `typeof(long)`"))
    }

    fn does_not_fit<T>(
        &mut self,
        name: &str,
        signatures: &[Signature],
        arguments: &[Scalar],
        span: crate::span::Span,
    ) -> Option<T> {
        let mut forms: Vec<String> = Vec::new();
        for form in signatures.iter().map(|signature| shown(name, signature)) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        let best = nearest_of(signatures, arguments);
        let Some(signature) = best.first() else {
            let message = format!(
                "`{name}` does not take {} argument{}",
                arguments.len(),
                if arguments.len() == 1 { "" } else { "s" }
            );
            return self.tell(
                Diagnostic::error(Code::SEM0219, span, message).hint(format!("it is {}", forms.join(" or "))),
            );
        };
        let wrong = arguments.iter().enumerate().find_map(|(at, argument)| {
            let parameter = signature.parameter_of(at, arguments.len())?;
            (!accepts(parameter.class, argument.gives)).then_some((at, argument, parameter))
        });
        let classes_at = |at: usize| {
            let asked = best
                .iter()
                .filter_map(move |held| held.parameter_of(at, arguments.len()));
            asked.map(|parameter| parameter.class)
        };
        let unquoted = wrong
            .and_then(|(at, argument, _)| classes_at(at).find_map(|class| slips::unquoted(class, argument)));
        let hint = unquoted.unwrap_or_else(|| format!("it is {}", forms.join(" or ")));
        let (place, message) = match wrong {
            Some((at, argument, parameter)) => {
                let mut asked: Vec<String> = Vec::new();
                for class in classes_at(at).map(class_text) {
                    if !asked.contains(&class) {
                        asked.push(class);
                    }
                }
                let message = format!(
                    "`{name}` takes {} for its {}, and this is of type {}",
                    asked.join(" or "),
                    parameter.name,
                    argument.gives
                );
                (argument.span, message)
            }
            None => (span, format!("the arguments of `{name}` have no type in common")),
        };
        self.tell(Diagnostic::error(Code::SEM0219, place, message).hint(hint))
    }
}

/// The signatures that are meant: of those for so many arguments the ones whose first parameters fit best.
fn nearest_of<'s>(signatures: &'s [Signature], arguments: &[Scalar]) -> Vec<&'s Signature> {
    let fits = |signature: &Signature| {
        let given = arguments.iter().enumerate();
        given
            .take_while(|(at, argument)| {
                let parameter = signature.parameter_of(*at, arguments.len());
                parameter.is_some_and(|parameter| accepts(parameter.class, argument.gives))
            })
            .count()
    };
    let by_number = || signatures.iter().filter(|held| held.takes(arguments.len()));
    let most = by_number().map(fits).max();
    by_number().filter(|held| Some(fits(held)) == most).collect()
}

/// The type that a call gives, if its arguments fit.
pub(crate) fn fit(signature: &Signature, kinds: &[ScalarType]) -> Option<ScalarType> {
    if !signature.takes(kinds.len()) {
        return None;
    }
    let mut common = Common::default();
    let mut widest: Option<ScalarType> = None;
    for (at, &kind) in kinds.iter().enumerate() {
        let class = signature.parameter_of(at, kinds.len())?.class;
        if !accepts(class, kind) {
            return None;
        }
        match class {
            Class::Common | Class::CommonOrderable => common.add(kind, false),
            Class::CommonOrDynamic => common.add(kind, true),
            Class::Number => widest = Some(widest.map_or(kind, |held| held.max(kind))),
            _ => {}
        }
    }
    match signature.gives {
        Gives::Type(kind) => Some(kind),
        Gives::Parameter(at) | Gives::Literal(at) => kinds.get(at).copied(),
        Gives::Widest => widest,
        Gives::Common => common.gives(),
    }
}

/// The type that several values have in common.
#[derive(Default)]
struct Common {
    held: Option<ScalarType>,
    has_dynamic: bool,
    differs: bool,
    may_differ: bool,
}

impl Common {
    fn add(&mut self, kind: ScalarType, may_differ: bool) {
        self.may_differ |= may_differ;
        if kind == ScalarType::Dynamic {
            self.has_dynamic = true;
            return;
        }
        self.held = match self.held {
            None => Some(kind),
            Some(held) if held == kind => Some(kind),
            Some(held) => match held.widest(kind) {
                Some(widest) => Some(widest),
                None => {
                    self.differs = true;
                    Some(held)
                }
            },
        };
    }

    fn gives(&self) -> Option<ScalarType> {
        match (self.differs, self.held) {
            (true, _) if self.may_differ => Some(ScalarType::Dynamic),
            (true, _) => None,
            (false, Some(held)) => Some(held),
            (false, None) => self.has_dynamic.then_some(ScalarType::Dynamic),
        }
    }
}

/// True if a parameter of the class takes a value of the type.
fn accepts(class: Class, kind: ScalarType) -> bool {
    match class {
        // A dynamic is taken for its text where a text is asked for.
        Class::Type(ScalarType::String) => matches!(kind, ScalarType::String | ScalarType::Dynamic),
        Class::Type(wanted) => wanted == kind || (wanted.is_number() && kind.is_number() && kind <= wanted),
        Class::Integer => kind.is_integer(),
        Class::Number => kind.is_number(),
        Class::NumberOrBool => kind.is_number() || kind == ScalarType::Bool,
        Class::Summable => kind.is_summable(),
        Class::Orderable | Class::CommonOrderable => !matches!(kind, ScalarType::Dynamic | ScalarType::Guid),
        Class::NotDynamic => kind != ScalarType::Dynamic,
        Class::NotRealOrBool => !matches!(kind, ScalarType::Real | ScalarType::Bool),
        Class::StringOrDynamic => matches!(kind, ScalarType::String | ScalarType::Dynamic),
        Class::IntegerOrArray => kind.is_integer() || kind == ScalarType::Dynamic,
        Class::Scalar | Class::Common | Class::CommonOrDynamic | Class::TypeLiteral => true,
        Class::Tabular => false,
    }
}

fn class_text(class: Class) -> String {
    match class {
        Class::Type(kind) => format!("a {kind}"),
        Class::Integer => "a whole number".to_owned(),
        Class::Number => "a number".to_owned(),
        Class::NumberOrBool => "a number or a bool".to_owned(),
        Class::Summable => "a number, datetime or timespan".to_owned(),
        Class::Orderable | Class::CommonOrderable => "what can be put in order".to_owned(),
        Class::NotDynamic => "anything but a dynamic".to_owned(),
        Class::NotRealOrBool => "anything but a real or a bool".to_owned(),
        Class::StringOrDynamic => "a text or a dynamic".to_owned(),
        Class::IntegerOrArray => "a whole number or an array".to_owned(),
        Class::TypeLiteral => "a type, as in `typeof(long)`".to_owned(),
        Class::Tabular => "rows".to_owned(),
        Class::Scalar | Class::Common | Class::CommonOrDynamic => "a value".to_owned(),
    }
}

fn shown(name: &str, signature: &Signature) -> String {
    let parameters: Vec<String> = signature
        .parameters
        .iter()
        .map(|parameter| {
            let dots = if parameter.is_repeated { ", ..." } else { "" };
            if parameter.is_optional {
                format!("[{}{dots}]", parameter.name)
            } else {
                format!("{}{dots}", parameter.name)
            }
        })
        .collect();
    format!("`{name}({})`", parameters.join(", "))
}
