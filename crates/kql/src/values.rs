//! Values as KQL counts them: times in ticks of 100 ns, guids in sixteen bytes; how they are read from text
//! and written to it. Literals, conversions and answers all come here, so that they agree.

mod calendar;
mod datetime;
mod decimal;
mod guid;
mod timespan;

pub use calendar::{Civil, civil_from_days, days_from_civil, days_in_month};
pub use datetime::{
    DATETIME_MAX, DATETIME_MIN, UNIX_EPOCH_TICKS, datetime_to_text, datetime_to_wire, parse_datetime,
};
pub use decimal::decimal_digits;
pub use guid::{guid_to_text, parse_guid};
pub use timespan::{parse_timespan, timespan_to_text};

pub use crate::lexer::{
    TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MICROSECOND, TICKS_PER_MILLISECOND, TICKS_PER_MINUTE,
    TICKS_PER_SECOND,
};
