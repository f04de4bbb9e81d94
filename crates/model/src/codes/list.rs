//! The list of codes. Add at the end of a block; never renumber.

use super::{Code, CodeDef, Effect};

/// `FG1001`: tuple has the wrong number of fields.
pub const TUPLE_FIELDS: Code = Code(1001);
/// `FG1002`: tuple time is not a number.
pub const TUPLE_TIME: Code = Code(1002);
/// `FG1003`: address is not an IP address.
pub const TUPLE_ADDRESS: Code = Code(1003);
/// `FG1004`: port is not a number from 0 to 65535.
pub const TUPLE_PORT: Code = Code(1004);
/// `FG1005`: protocol is not an IANA number, `T` or `U`.
pub const TUPLE_PROTOCOL: Code = Code(1005);
/// `FG1006`: direction is neither `I` nor `O`.
pub const TUPLE_DIRECTION: Code = Code(1006);
/// `FG1007`: flow state or decision is not one Azure writes.
pub const TUPLE_STATE: Code = Code(1007);
/// `FG1008`: counter is not a whole number up to 2^63-1.
pub const TUPLE_COUNTER: Code = Code(1008);
/// `FG1009`: tuple is not a string.
pub const TUPLE_NOT_TEXT: Code = Code(1009);
/// `FG1010`: tuple time lies outside 2015 to 2100.
pub const TUPLE_TIME_RANGE: Code = Code(1010);
/// `FG1011`: tuple time is more than a day from its record's time.
pub const TUPLE_TIME_FAR: Code = Code(1011);
/// `FG1012`: tuple is longer than 1 KiB.
pub const TUPLE_LONG: Code = Code(1012);
/// `FG1013`: NSG tuple in a VNet envelope.
pub const TUPLE_LAYOUT: Code = Code(1013);
/// `FG1101`: record is not shaped as a flow log record.
pub const RECORD_SHAPE: Code = Code(1101);
/// `FG1102`: record is not a flow log but another NSG diagnostic category.
pub const RECORD_CATEGORY: Code = Code(1102);
/// `FG1103`: record has neither `flowRecords` nor `properties.flows`.
pub const RECORD_UNKNOWN: Code = Code(1103);
/// `FG1104`: values nested deeper than 64 levels.
pub const RECORD_DEPTH: Code = Code(1104);
/// `FG1105`: text longer than 64 KiB.
pub const RECORD_STRING: Code = Code(1105);
/// `FG1106`: record's header came after more than a million tuples.
pub const RECORD_HEADER_LATE: Code = Code(1106);
/// `FG1201`: file ends inside a record.
pub const END_TRUNCATED: Code = Code(1201);
/// `FG1202`: bytes between records that are not a record.
pub const BYTES_BETWEEN: Code = Code(1202);
/// `FG1203`: content is not a flow log in any form known here.
pub const NOT_A_FLOW_LOG: Code = Code(1203);
/// `FG1204`: source holds no records.
pub const NO_RECORDS: Code = Code(1204);
/// `FG1205`: compressed data is damaged.
pub const DECOMPRESS: Code = Code(1205);
/// `FG1206`: decompressed data passes the limit.
pub const DECOMPRESS_LIMIT: Code = Code(1206);
/// `FG1207`: text is not UTF-8.
pub const NOT_UTF8: Code = Code(1207);
/// `FG1301`: tuple time in seconds in a VNet flow log.
pub const ODD_SECONDS: Code = Code(1301);
/// `FG1302`: tuple time in milliseconds in an NSG flow log.
pub const ODD_MILLISECONDS: Code = Code(1302);
/// `FG1303`: protocol as a letter in a VNet flow log.
pub const ODD_PROTOCOL_LETTER: Code = Code(1303);
/// `FG1304`: version in the envelope disagrees with the number of fields.
pub const ODD_ARITY: Code = Code(1304);
/// `FG1305`: tuple time outside -5 s to +10 min before its record's time.
pub const ODD_SKEW: Code = Code(1305);
/// `FG1306`: unknown key.
pub const ODD_KEY: Code = Code(1306);
/// `FG1307`: unknown flow log version.
pub const ODD_VERSION: Code = Code(1307);
/// `FG1308`: unknown flow encryption value.
pub const ODD_ENCRYPTION: Code = Code(1308);
/// `FG1309`: record without a network interface address.
pub const ODD_MAC: Code = Code(1309);
/// `FG1310`: record repeated in its source.
pub const ODD_REPEATED_RECORD: Code = Code(1310);
/// `FG1311`: records inside a record.
pub const ODD_NESTED: Code = Code(1311);
/// `FG1312`: byte order mark.
pub const ODD_BOM: Code = Code(1312);
/// `FG1313`: fragment begins with a comma.
pub const ODD_LEADING_COMMA: Code = Code(1313);
/// `FG1314`: record time is missing or unreadable.
pub const ODD_TIME: Code = Code(1314);
/// `FG1315`: rule in a form no documentation names.
pub const ODD_RULE: Code = Code(1315);
/// `FG1316`: key given twice in one object.
pub const ODD_DUPLICATE_KEY: Code = Code(1316);
/// `FG1317`: unknown record category.
pub const ODD_CATEGORY: Code = Code(1317);
/// `FG2001`: no table there.
pub const TABLE_MISSING: Code = Code(2001);
/// `FG2002`: table was written by a newer Flowglass.
pub const TABLE_NEWER: Code = Code(2002);
/// `FG2003`: folder holds a Delta table that is not Flowglass's.
pub const TABLE_FOREIGN: Code = Code(2003);
/// `FG2004`: another writer kept winning.
pub const TABLE_CONFLICT: Code = Code(2004);
/// `FG2005`: reading or writing the table failed.
pub const TABLE_IO: Code = Code(2005);
/// `FG2006`: table is damaged.
pub const TABLE_DAMAGED: Code = Code(2006);
/// `FG2101`: source cannot be read.
pub const SOURCE_IO: Code = Code(2101);
/// `FG2102`: no file matches.
pub const SOURCE_NONE: Code = Code(2102);
/// `FG2103`: bytes already read have changed.
pub const SOURCE_CHANGED: Code = Code(2103);
/// `FG2104`: source is shorter than what was read.
pub const SOURCE_SHRUNK: Code = Code(2104);
/// `FG2105`: record had been brought by another source.
pub const RECORD_KNOWN: Code = Code(2105);
/// `FG2106`: source spreads over too many days.
pub const PARTITION_LIMIT: Code = Code(2106);
/// `FG3001`: query cannot be parsed.
pub const QUERY_SYNTAX: Code = Code(3001);
/// `FG3002`: query names a table, column or function that does not exist.
pub const QUERY_NAME: Code = Code(3002);
/// `FG3003`: query needs more memory than it may have.
pub const QUERY_MEMORY: Code = Code(3003);
/// `FG3004`: query was cancelled.
pub const QUERY_CANCELLED: Code = Code(3004);
/// `FG3005`: statement would change something.
pub const QUERY_WRITE: Code = Code(3005);
/// `FG3006`: query failed while it ran.
pub const QUERY_FAILED: Code = Code(3006);
/// `FG4001`: configuration has an unknown key.
pub const CONFIG_KEY: Code = Code(4001);
/// `FG4002`: configuration cannot be read.
pub const CONFIG_READ: Code = Code(4002);
/// `FG4003`: configuration has another version.
pub const CONFIG_VERSION: Code = Code(4003);
/// `FG4004`: configuration has a value out of range.
pub const CONFIG_VALUE: Code = Code(4004);
/// `FG4005`: filter cannot be understood.
pub const FILTER_VALUE: Code = Code(4005);

/// Every code, in order.
pub const CODES: &[CodeDef] = &[
    CodeDef {
        code: TUPLE_FIELDS,
        title: "tuple has the wrong number of fields",
        effect: Effect::Quarantined,
        cause: "A VNet tuple and an NSG version 2 tuple have 13 comma-separated fields, an NSG version 1 tuple has 8. Fewer or more (14 with trailing commas too) cannot be read without guessing which field is missing.",
        next: "Look at the raw text in Quarantine. If a tool between Azure and you rewrote the tuples, read the original blobs.",
    },
    CodeDef {
        code: TUPLE_TIME,
        title: "tuple time is not a number",
        effect: Effect::Quarantined,
        cause: "The first field of a tuple is epoch milliseconds (VNet) or seconds (NSG).",
        next: "Look at the raw text in Quarantine; read the original blob if a tool rewrote it.",
    },
    CodeDef {
        code: TUPLE_ADDRESS,
        title: "address is not an IP address",
        effect: Effect::Quarantined,
        cause: "The second or third field is neither an IPv4 nor an IPv6 address.",
        next: "Look at the raw text in Quarantine; the fields may be shifted by a tool that rewrote them.",
    },
    CodeDef {
        code: TUPLE_PORT,
        title: "port is not a number from 0 to 65535",
        effect: Effect::Quarantined,
        cause: "The fourth or fifth field is not a port.",
        next: "Look at the raw text in Quarantine; the fields may be shifted by a tool that rewrote them.",
    },
    CodeDef {
        code: TUPLE_PROTOCOL,
        title: "protocol is not an IANA number, `T` or `U`",
        effect: Effect::Quarantined,
        cause: "The sixth field is neither a number from 0 to 255 nor one of the letters NSG flow logs use.",
        next: "Look at the raw text in Quarantine; the fields may be shifted by a tool that rewrote them.",
    },
    CodeDef {
        code: TUPLE_DIRECTION,
        title: "direction is neither `I` nor `O`",
        effect: Effect::Quarantined,
        cause: "The seventh field says the direction as the network interface sees it.",
        next: "Look at the raw text in Quarantine; the fields may be shifted by a tool that rewrote them.",
    },
    CodeDef {
        code: TUPLE_STATE,
        title: "flow state or decision is not one Azure writes",
        effect: Effect::Quarantined,
        cause: "A VNet tuple has `B`, `C`, `E` or `D` as its eighth field; an NSG tuple has `A` or `D` there, and version 2 has `B`, `C` or `E` as its ninth.",
        next: "Look at the raw text in Quarantine. A state Azure has added would show here first: please report it.",
    },
    CodeDef {
        code: TUPLE_COUNTER,
        title: "counter is not a whole number up to 2^63-1",
        effect: Effect::Quarantined,
        cause: "The last four fields are packets and bytes each way, empty where not reported.",
        next: "Look at the raw text in Quarantine.",
    },
    CodeDef {
        code: TUPLE_NOT_TEXT,
        title: "tuple is not a string",
        effect: Effect::Quarantined,
        cause: "`flowTuples` holds something other than strings.",
        next: "Look at the raw bytes in Quarantine; Azure writes strings only.",
    },
    CodeDef {
        code: TUPLE_TIME_RANGE,
        title: "tuple time lies outside 2015 to 2100",
        effect: Effect::Quarantined,
        cause: "Flow logs did not exist before, and a table with a partition per invented day would be unusable.",
        next: "If the source's clock was wrong, correct the source; the raw text is in Quarantine.",
    },
    CodeDef {
        code: TUPLE_TIME_FAR,
        title: "tuple time is more than a day from its record's time",
        effect: Effect::Quarantined,
        cause: "A record describes about the preceding minute. A tuple far from it has a wrong unit, a wrong clock or was made up.",
        next: "Look at the raw text in Quarantine and at the record's `time`.",
    },
    CodeDef {
        code: TUPLE_LONG,
        title: "tuple is longer than 1 KiB",
        effect: Effect::Quarantined,
        cause: "A real tuple has fewer than 200 bytes.",
        next: "Look at the first 4 KiB in Quarantine.",
    },
    CodeDef {
        code: TUPLE_LAYOUT,
        title: "NSG tuple in a VNet envelope",
        effect: Effect::Quarantined,
        cause: "The eighth and ninth fields read as an NSG decision and state, but the record says VNet flow log. Azure never wrote this; some converters and hand-made samples do.",
        next: "Read the original blobs rather than the converted ones.",
    },
    CodeDef {
        code: RECORD_SHAPE,
        title: "record is not shaped as a flow log record",
        effect: Effect::Quarantined,
        cause: "A key that should hold an object or a list holds something else.",
        next: "Look at the raw bytes in Quarantine; what could be read around it is stored.",
    },
    CodeDef {
        code: RECORD_CATEGORY,
        title: "record is not a flow log but another NSG diagnostic category",
        effect: Effect::Quarantined,
        cause: "`NetworkSecurityGroupEvent` and `NetworkSecurityGroupRuleCounter` share the `records` wrapper, and say which rules exist and how often they were hit, not who talked to whom.",
        next: "Point Flowglass at the containers `insights-logs-flowlogflowevent` or `insights-logs-networksecuritygroupflowevent`.",
    },
    CodeDef {
        code: RECORD_UNKNOWN,
        title: "record has neither `flowRecords` nor `properties.flows`",
        effect: Effect::Quarantined,
        cause: "The record holds no flows in any layout known to this version.",
        next: "Look at the raw bytes in Quarantine. If Azure has changed the format, please report it.",
    },
    CodeDef {
        code: RECORD_DEPTH,
        title: "values nested deeper than 64 levels",
        effect: Effect::Quarantined,
        cause: "A flow log record is eight levels deep. Deeper nesting is not a flow log.",
        next: "Look at the source; it was not written by Azure.",
    },
    CodeDef {
        code: RECORD_STRING,
        title: "text longer than 64 KiB",
        effect: Effect::Quarantined,
        cause: "No key or value of a flow log comes near this.",
        next: "Look at the source; it was not written by Azure.",
    },
    CodeDef {
        code: RECORD_HEADER_LATE,
        title: "record's header came after more than a million tuples",
        effect: Effect::Noted,
        cause: "Keys may come in any order, so tuples wait for the header that follows them, up to a limit that keeps memory bounded. Azure splits records at about 32 KiB.",
        next: "The tuples are stored without the header fields that came too late.",
    },
    CodeDef {
        code: END_TRUNCATED,
        title: "file ends inside a record",
        effect: Effect::GivenUp,
        cause: "The blob was cut while it was copied, or read while it was being written.",
        next: "Ingest again when the file is whole: reading goes on from the last complete record.",
    },
    CodeDef {
        code: BYTES_BETWEEN,
        title: "bytes between records that are not a record",
        effect: Effect::GivenUp,
        cause: "Something other than records, commas and white space stands between two records.",
        next: "Look at the position that was printed; the records around it are stored.",
    },
    CodeDef {
        code: NOT_A_FLOW_LOG,
        title: "content is not a flow log in any form known here",
        effect: Effect::Refused,
        cause: "The file does not begin as JSON, gzip or zstd.",
        next: "Check the path. Flow log blobs are called `PT1H.json` and begin with `{\"records\":[`.",
    },
    CodeDef {
        code: NO_RECORDS,
        title: "source holds no records",
        effect: Effect::Noted,
        cause: "An empty file, or a blob that Azure has created but not yet written to.",
        next: "Nothing to do; it is read again when it has grown.",
    },
    CodeDef {
        code: DECOMPRESS,
        title: "compressed data is damaged",
        effect: Effect::GivenUp,
        cause: "The gzip or zstd stream ends early or does not check.",
        next: "Fetch the file again; what could be decompressed is stored.",
    },
    CodeDef {
        code: DECOMPRESS_LIMIT,
        title: "decompressed data passes the limit",
        effect: Effect::Refused,
        cause: "A small file that swells past 64 GiB or more than two thousandfold is taken for an attack.",
        next: "If the file is genuine, decompress it yourself and ingest the result.",
    },
    CodeDef {
        code: NOT_UTF8,
        title: "text is not UTF-8",
        effect: Effect::Quarantined,
        cause: "JSON is UTF-8. The value was damaged, or written in another encoding.",
        next: "Look at the raw bytes in Quarantine.",
    },
    CodeDef {
        code: ODD_SECONDS,
        title: "tuple time in seconds in a VNet flow log",
        effect: Effect::Noted,
        cause: "Real blobs have milliseconds; some documentation samples have seconds. Decided by magnitude.",
        next: "Nothing to do, unless your blobs are real: then a tool rewrote them.",
    },
    CodeDef {
        code: ODD_MILLISECONDS,
        title: "tuple time in milliseconds in an NSG flow log",
        effect: Effect::Noted,
        cause: "Real blobs have seconds. Decided by magnitude.",
        next: "Nothing to do, unless your blobs are real: then a tool rewrote them.",
    },
    CodeDef {
        code: ODD_PROTOCOL_LETTER,
        title: "protocol as a letter in a VNet flow log",
        effect: Effect::Noted,
        cause: "VNet flow logs have IANA numbers; `T` and `U` belong to NSG flow logs. It looks like an NSG layout in a VNet envelope.",
        next: "Check which tool wrote the file.",
    },
    CodeDef {
        code: ODD_ARITY,
        title: "version in the envelope disagrees with the number of fields",
        effect: Effect::Noted,
        cause: "The number of fields was believed, not the version.",
        next: "Nothing to do.",
    },
    CodeDef {
        code: ODD_SKEW,
        title: "tuple time outside -5 s to +10 min before its record's time",
        effect: Effect::Noted,
        cause: "In real logs a tuple lies 2 to 65 seconds before its record's flush.",
        next: "A converter that shifts time zones does this; compare with the original blob.",
    },
    CodeDef {
        code: ODD_KEY,
        title: "unknown key",
        effect: Effect::Noted,
        cause: "A key that no known version of the log has. Its value was passed over.",
        next: "If Azure has added it, please report it; the names are listed.",
    },
    CodeDef {
        code: ODD_VERSION,
        title: "unknown flow log version",
        effect: Effect::Noted,
        cause: "The tuples were read by the newest layout known and each was checked.",
        next: "If Azure has published a new version, look for a newer Flowglass.",
    },
    CodeDef {
        code: ODD_ENCRYPTION,
        title: "unknown flow encryption value",
        effect: Effect::Noted,
        cause: "The value is kept as logged.",
        next: "If Azure has added it, please report it.",
    },
    CodeDef {
        code: ODD_MAC,
        title: "record without a network interface address",
        effect: Effect::Noted,
        cause: "Documentation samples and some forwarders leave `macAddress` out. The reporting interface is then unknown.",
        next: "Read the original blobs if you need to know the interface.",
    },
    CodeDef {
        code: ODD_REPEATED_RECORD,
        title: "record repeated in its source",
        effect: Effect::Noted,
        cause: "The same record, byte for byte or re-ordered, stands in the source more than once. Both are stored and flagged with RecordOccurrence.",
        next: "Filter `RecordOccurrence == 0` if the source is known to repeat itself.",
    },
    CodeDef {
        code: ODD_NESTED,
        title: "records inside a record",
        effect: Effect::Noted,
        cause: "A documentation sample nests `records`; they were flattened.",
        next: "Nothing to do.",
    },
    CodeDef {
        code: ODD_BOM,
        title: "byte order mark",
        effect: Effect::Noted,
        cause: "The file begins with a UTF-8 byte order mark; Azure writes none.",
        next: "Nothing to do.",
    },
    CodeDef {
        code: ODD_LEADING_COMMA,
        title: "fragment begins with a comma",
        effect: Effect::Noted,
        cause: "The file is a piece of a blob, cut at a block.",
        next: "Nothing to do; the records in it are whole.",
    },
    CodeDef {
        code: ODD_TIME,
        title: "record time is missing or unreadable",
        effect: Effect::Noted,
        cause: "RecordTime is null, and tuples cannot be checked against it.",
        next: "Check which tool wrote the file.",
    },
    CodeDef {
        code: ODD_RULE,
        title: "rule in a form no documentation names",
        effect: Effect::Noted,
        cause: "In a VNet flow log a bare name is a security admin rule; in an NSG flow log its kind is unknown.",
        next: "Nothing to do.",
    },
    CodeDef {
        code: ODD_DUPLICATE_KEY,
        title: "key given twice in one object",
        effect: Effect::Noted,
        cause: "The last value wins, as in most JSON readers.",
        next: "Check which tool wrote the file.",
    },
    CodeDef {
        code: ODD_CATEGORY,
        title: "unknown record category",
        effect: Effect::Noted,
        cause: "The record has flows in a known layout under a category this version does not know.",
        next: "If Azure has added it, please report it.",
    },
    CodeDef {
        code: TABLE_MISSING,
        title: "no table there",
        effect: Effect::Refused,
        cause: "The folder holds no Flowglass table.",
        next: "Create one with `flowglass ingest PATH --table DIR`, or try `flowglass demo`.",
    },
    CodeDef {
        code: TABLE_NEWER,
        title: "table was written by a newer Flowglass",
        effect: Effect::Refused,
        cause: "The table's properties ask for a reader or writer version above this program's.",
        next: "Use a newer Flowglass.",
    },
    CodeDef {
        code: TABLE_FOREIGN,
        title: "folder holds a Delta table that is not Flowglass's",
        effect: Effect::Refused,
        cause: "The properties `flowglass.*` are missing.",
        next: "Choose another folder with `--table`.",
    },
    CodeDef {
        code: TABLE_CONFLICT,
        title: "another writer kept winning",
        effect: Effect::Refused,
        cause: "Several writers commit to the same shards faster than this one can.",
        next: "Run it again; nothing was half stored.",
    },
    CodeDef {
        code: TABLE_IO,
        title: "reading or writing the table failed",
        effect: Effect::Refused,
        cause: "The file system refused: full, read-only, no permission.",
        next: "Mend what the message names and run it again; what was committed is safe.",
    },
    CodeDef {
        code: TABLE_DAMAGED,
        title: "table is damaged",
        effect: Effect::Refused,
        cause: "A file the log names is missing or shorter than it was.",
        next: "Run `flowglass table check` for the list; ingest the sources again into a fresh table.",
    },
    CodeDef {
        code: SOURCE_IO,
        title: "source cannot be read",
        effect: Effect::Refused,
        cause: "The file vanished, or permission is missing.",
        next: "Check the path and its permissions; the other sources went on.",
    },
    CodeDef {
        code: SOURCE_NONE,
        title: "no file matches",
        effect: Effect::Refused,
        cause: "The path or pattern names nothing.",
        next: "Check the spelling; quote patterns so that the shell leaves them alone.",
    },
    CodeDef {
        code: SOURCE_CHANGED,
        title: "bytes already read have changed",
        effect: Effect::Noted,
        cause: "The source was written anew. It was read again from the start as a new incarnation; records already stored are not stored twice.",
        next: "Nothing to do, unless your logs are supposed to be append-only: then find out who rewrote them.",
    },
    CodeDef {
        code: SOURCE_SHRUNK,
        title: "source is shorter than what was read",
        effect: Effect::Noted,
        cause: "The source was replaced by a shorter one. It was read again from the start as a new incarnation.",
        next: "Nothing to do, unless your logs are supposed to be append-only.",
    },
    CodeDef {
        code: RECORD_KNOWN,
        title: "record had been brought by another source",
        effect: Effect::Noted,
        cause: "The same record came by a second way (a copied blob, a second transport) and was not stored again.",
        next: "Nothing to do. `--allow-duplicates` stores it all the same.",
    },
    CodeDef {
        code: PARTITION_LIMIT,
        title: "source spreads over too many days",
        effect: Effect::Refused,
        cause: "One source would make more than 4,000 daily partitions.",
        next: "Look at the times in the source; `flowglass read` shows their span.",
    },
    CodeDef {
        code: QUERY_SYNTAX,
        title: "query cannot be parsed",
        effect: Effect::Refused,
        cause: "The text is not SQL that this version reads.",
        next: "Look at the position that was printed.",
    },
    CodeDef {
        code: QUERY_NAME,
        title: "query names a table, column or function that does not exist",
        effect: Effect::Refused,
        cause: "Names are compared exactly as written, letter case included.",
        next: "docs/columns.md lists the columns.",
    },
    CodeDef {
        code: QUERY_MEMORY,
        title: "query needs more memory than it may have",
        effect: Effect::Refused,
        cause: "The limit was reached, and this step cannot spill to disk.",
        next: "Raise `--memory`, narrow the time range, or group by fewer columns.",
    },
    CodeDef {
        code: QUERY_CANCELLED,
        title: "query was cancelled",
        effect: Effect::Refused,
        cause: "Somebody pressed Ctrl-C, or its time was up.",
        next: "Run it again, with a narrower time range or more time.",
    },
    CodeDef {
        code: QUERY_WRITE,
        title: "statement would change something",
        effect: Effect::Refused,
        cause: "Queries only read.",
        next: "Use `flowglass ingest` to add data.",
    },
    CodeDef {
        code: QUERY_FAILED,
        title: "query failed while it ran",
        effect: Effect::Refused,
        cause: "A value could not be computed or a file could not be read.",
        next: "The message names the step; `flowglass table check` tells whether the files are whole.",
    },
    CodeDef {
        code: CONFIG_KEY,
        title: "configuration has an unknown key",
        effect: Effect::Refused,
        cause: "A misspelt key would otherwise be silently ignored.",
        next: "Use the key that is suggested, or remove it.",
    },
    CodeDef {
        code: CONFIG_READ,
        title: "configuration cannot be read",
        effect: Effect::Refused,
        cause: "The file is missing, or is not TOML.",
        next: "Mend the line that is named.",
    },
    CodeDef {
        code: CONFIG_VERSION,
        title: "configuration has another version",
        effect: Effect::Refused,
        cause: "This version reads `version = 1`.",
        next: "Add `version = 1` at the top of the file.",
    },
    CodeDef {
        code: CONFIG_VALUE,
        title: "configuration has a value out of range",
        effect: Effect::Refused,
        cause: "The value is of another type, or not one of those allowed.",
        next: "Use a value the message names.",
    },
    CodeDef {
        code: FILTER_VALUE,
        title: "filter cannot be understood",
        effect: Effect::Refused,
        cause: "A flag such as `--ip`, `--port` or `--since` has a value of another form.",
        next: "Use the form the message shows.",
    },
];
