//! The list of codes. Add at the end of a block; never renumber.

use super::{Code, CodeDef, Effect};

/// Name, code, effect; then what happened, why it happens, and what to do.
macro_rules! codes {
    ($($name:ident = Code($number:literal), $effect:ident: $title:literal, $cause:literal, $next:literal;)+) => {
        $(#[doc = $title] pub const $name: Code = Code($number);)+

        /// Every code, in order.
        pub const CODES: &[CodeDef] = &[$(CodeDef {
            code: $name,
            title: $title,
            effect: Effect::$effect,
            cause: $cause,
            next: $next,
        }),+];
    };
}

codes! {
    TUPLE_FIELDS = Code(1001), Quarantined: "tuple has the wrong number of fields",
        "A VNet tuple and an NSG version 2 tuple have 13 comma-separated fields, an NSG version 1 tuple has 8. Fewer or more (14 with trailing commas too) cannot be read without guessing which field is missing.",
        "Look at the raw text in Quarantine. If a tool between Azure and you rewrote the tuples, read the original blobs.";
    TUPLE_TIME = Code(1002), Quarantined: "tuple time is not a number",
        "The first field of a tuple is epoch milliseconds (VNet) or seconds (NSG).",
        "Look at the raw text in Quarantine; read the original blob if a tool rewrote it.";
    TUPLE_ADDRESS = Code(1003), Quarantined: "address is not an IP address",
        "The second or third field is neither an IPv4 nor an IPv6 address.",
        "Look at the raw text in Quarantine; the fields may be shifted by a tool that rewrote them.";
    TUPLE_PORT = Code(1004), Quarantined: "port is not a number from 0 to 65535",
        "The fourth or fifth field is not a port.",
        "Look at the raw text in Quarantine; the fields may be shifted by a tool that rewrote them.";
    TUPLE_PROTOCOL = Code(1005), Quarantined: "protocol is not an IANA number, `T` or `U`",
        "The sixth field is neither a number from 0 to 255 nor one of the letters NSG flow logs use.",
        "Look at the raw text in Quarantine; the fields may be shifted by a tool that rewrote them.";
    TUPLE_DIRECTION = Code(1006), Quarantined: "direction is neither `I` nor `O`",
        "The seventh field says the direction as the network interface sees it.",
        "Look at the raw text in Quarantine; the fields may be shifted by a tool that rewrote them.";
    TUPLE_STATE = Code(1007), Quarantined: "flow state or decision is not one Azure writes",
        "A VNet tuple has `B`, `C`, `E` or `D` as its eighth field; an NSG tuple has `A` or `D` there, and version 2 has `B`, `C` or `E` as its ninth.",
        "Look at the raw text in Quarantine. A state Azure has added would show here first: please report it.";
    TUPLE_COUNTER = Code(1008), Quarantined: "counter is not a whole number up to 2^63-1",
        "The last four fields are packets and bytes each way, empty where not reported.",
        "Look at the raw text in Quarantine.";
    TUPLE_NOT_TEXT = Code(1009), Quarantined: "tuple is not a string",
        "`flowTuples` holds something other than strings.",
        "Look at the raw bytes in Quarantine; Azure writes strings only.";
    TUPLE_TIME_RANGE = Code(1010), Quarantined: "tuple time lies outside 2015 to 2100",
        "Flow logs did not exist before, and a table with a partition per invented day would be unusable.",
        "If the source's clock was wrong, correct the source; the raw text is in Quarantine.";
    TUPLE_TIME_FAR = Code(1011), Quarantined: "tuple time is more than a day from its record's time",
        "A record describes about the preceding minute. A tuple far from it has a wrong unit, a wrong clock or was made up.",
        "Look at the raw text in Quarantine and at the record's `time`.";
    TUPLE_LONG = Code(1012), Quarantined: "tuple is longer than 1 KiB",
        "A real tuple has fewer than 200 bytes.",
        "Look at the first 4 KiB in Quarantine.";
    TUPLE_LAYOUT = Code(1013), Quarantined: "NSG tuple in a VNet envelope",
        "The eighth and ninth fields read as an NSG decision and state, but the record says VNet flow log. Azure never wrote this; some converters and hand-made samples do.",
        "Read the original blobs rather than the converted ones.";
    TUPLE_DAYS = Code(1014), Quarantined: "source spreads over too many days",
        "Each day is a partition of the table. A source whose tuples lie on more than 1,000 days has made-up times; those on the first 1,000 are stored.",
        "Look at the times in the source; `flowglass read` shows their span.";
    TUPLE_VNET_LAYOUT = Code(1015), Quarantined: "VNet tuple in an NSG envelope",
        "The eighth and ninth fields read as a VNet state and an encryption such as `NX`, but the record says NSG flow log. Azure never wrote this; some converters and hand-made samples do.",
        "Read the original blobs rather than the converted ones.";
    RECORD_SHAPE = Code(1101), Quarantined: "record is not shaped as a flow log record",
        "A key that should hold an object or a list holds something else.",
        "Look at the raw bytes in Quarantine; what could be read around it is stored.";
    RECORD_CATEGORY = Code(1102), Quarantined: "record is not a flow log but another NSG diagnostic category",
        "`NetworkSecurityGroupEvent` and `NetworkSecurityGroupRuleCounter` share the `records` wrapper, and say which rules exist and how often they were hit, not who talked to whom.",
        "Point Flowglass at the containers `insights-logs-flowlogflowevent` or `insights-logs-networksecuritygroupflowevent`.";
    RECORD_UNKNOWN = Code(1103), Quarantined: "record has neither `flowRecords` nor `properties.flows`",
        "The record holds no flows in any layout known to this version.",
        "Look at the raw bytes in Quarantine. Fields of flat records can be named with `--map COLUMN=FIELD`. If Azure has changed the format, please report it.";
    RECORD_DEPTH = Code(1104), Quarantined: "values nested deeper than 64 levels",
        "A flow log record is eight levels deep. Deeper nesting is not a flow log.",
        "Look at the source; it was not written by Azure.";
    RECORD_STRING = Code(1105), Quarantined: "text longer than 4 KiB",
        "No key or value of a flow log comes near this.",
        "Look at the source; it was not written by Azure.";
    RECORD_SPLIT = Code(1106), Noted: "record is too large to wait for its end",
        "Keys may come in any order, so tuples wait for the end of their record, up to a limit that keeps memory bounded. Azure splits records at about 32 KiB. A larger record is handed on in parts.",
        "Nothing, if the record's header comes first. Otherwise the tuples of the first parts lack what came after them.";
    RECORD_HYBRID = Code(1107), Quarantined: "record is half a VNet and half an NSG flow log",
        "It has both `flowRecords` and `properties.flows`, or one of them under the `category` of the other log. Azure never wrote this, and neither half can be believed; some converters and hand-made samples do it.",
        "Read the original blobs rather than the converted ones.";
    END_TRUNCATED = Code(1201), GivenUp: "file ends inside a record",
        "The blob was cut while it was copied, or read while it was being written.",
        "Ingest again when the file is whole: reading goes on from the last complete record.";
    BYTES_BETWEEN = Code(1202), GivenUp: "bytes between records that are not a record",
        "Something other than records, commas and white space stands between two records.",
        "Look at the bytes and their position in Quarantine (`read` shows the first of them); the records around them are stored.";
    NOT_A_FLOW_LOG = Code(1203), Refused: "content is not a flow log in any form known here",
        "The file begins neither as JSON nor as rows under a header whose names are known; gzip and zstd are undone first, once. Archives, other compressions and UTF-16 are not read.",
        "Check the path. Flow log blobs are called `PT1H.json` and begin with `{\"records\":[`. Unpack archives. Rows of other names are read with `--map SrcIp=FIELD` and so on, or with `--format-in`.";
    NO_RECORDS = Code(1204), Noted: "source holds no records",
        "An empty file, or a blob that Azure has created but not yet written to.",
        "Nothing to do; it is read again when it has grown.";
    DECOMPRESS = Code(1205), GivenUp: "compressed data is damaged",
        "The gzip or zstd stream ends early or does not check.",
        "Fetch the file again; what could be decompressed is stored.";
    DECOMPRESS_LIMIT = Code(1206), GivenUp: "decompressed data passes the limit",
        "A small file that swells past 64 GiB or more than two thousandfold is taken for an attack. The records before that point are stored.",
        "If the file is genuine, decompress it yourself and ingest the result.";
    NOT_UTF8 = Code(1207), Quarantined: "text is not UTF-8",
        "JSON is UTF-8. The value was damaged, or written in another encoding.",
        "Look at the raw bytes in Quarantine.";
    HOLE = Code(1208), GivenUp: "zero bytes where the log should be",
        "A file that is still being copied, or was being written when a machine stopped, can hold stretches of zeros whose bytes are yet to come. The record around such a hole is left for later; the records after it are stored.",
        "Ingest again when the file is whole: what the hole hid is stored then, and nothing twice.";
    END_WAITS = Code(1209), GivenUp: "last row has no line end yet",
        "The file was written to within the last minute and ends without a line end, so that its last row may be half a row: `44` may be on its way to `4433`. The row is left for later.",
        "Ingest again when the file has grown, or a minute after it was last written to: the row is stored then.";
    ODD_SECONDS = Code(1301), Noted: "tuple time in seconds in a VNet flow log",
        "Real blobs have milliseconds; some documentation samples have seconds. Decided by magnitude.",
        "Nothing to do, unless your blobs are real: then a tool rewrote them.";
    ODD_MILLISECONDS = Code(1302), Noted: "tuple time in milliseconds in an NSG flow log",
        "Real blobs have seconds. Decided by magnitude.",
        "Nothing to do, unless your blobs are real: then a tool rewrote them.";
    ODD_PROTOCOL_LETTER = Code(1303), Noted: "protocol as a letter in a VNet flow log",
        "VNet flow logs have IANA numbers; `T` and `U` belong to NSG flow logs. It looks like an NSG layout in a VNet envelope.",
        "Check which tool wrote the file.";
    ODD_ARITY = Code(1304), Noted: "version in the envelope disagrees with the number of fields",
        "The number of fields was believed, not the version.",
        "Nothing to do.";
    ODD_SKEW = Code(1305), Noted: "tuple time outside -5 s to +10 min before its record's time",
        "In real logs a tuple lies 2 to 65 seconds before its record's flush.",
        "A converter that shifts time zones does this; compare with the original blob.";
    ODD_KEY = Code(1306), Noted: "unknown key",
        "A key that no known version of the log has. Its value was passed over.",
        "If Azure has added it, please report it; the names are listed.";
    ODD_VERSION = Code(1307), Noted: "unknown flow log version",
        "The tuples were read by the newest layout known and each was checked.",
        "If Azure has published a new version, look for a newer Flowglass.";
    ODD_ENCRYPTION = Code(1308), Noted: "unknown flow encryption value",
        "The value is kept as logged.",
        "If Azure has added it, please report it.";
    ODD_MAC = Code(1309), Noted: "record without a network interface address",
        "Documentation samples and some forwarders leave `macAddress` out. The reporting interface is then unknown.",
        "Read the original blobs if you need to know the interface.";
    ODD_REPEATED_RECORD = Code(1310), Noted: "record repeated in its source",
        "The same record, byte for byte or re-ordered, stands in the source more than once. Both are stored and flagged with RecordOccurrence.",
        "Filter `RecordOccurrence == 0` if the source is known to repeat itself.";
    ODD_NESTED = Code(1311), Noted: "records inside a record",
        "A documentation sample nests `records`; they were flattened.",
        "Nothing to do.";
    ODD_BOM = Code(1312), Noted: "byte order mark",
        "The file begins with a UTF-8 byte order mark; Azure writes none.",
        "Nothing to do.";
    ODD_LEADING_COMMA = Code(1313), Noted: "fragment begins with a comma",
        "The file is a piece of a blob, cut at a block.",
        "Nothing to do; the records in it are whole.";
    ODD_TIME = Code(1314), Noted: "record time is missing or unreadable",
        "It is no ISO 8601 time, or of a day that its month does not have. RecordTime is null, and tuples cannot be checked against it.",
        "Check which tool wrote the file.";
    ODD_RULE = Code(1315), Noted: "rule in a form no documentation names",
        "In a VNet flow log a bare name is a security admin rule; in an NSG flow log its kind is unknown.",
        "Nothing to do.";
    ODD_DUPLICATE_KEY = Code(1316), Noted: "key given twice in one object, or column in one header",
        "The last value wins, as in most JSON readers. In rows, names that differ only in how they are spelled, such as `sourceIP` and `source_ip`, are one.",
        "Check which tool wrote the file.";
    ODD_CATEGORY = Code(1317), Noted: "unknown record category",
        "The record has flows in a known layout under a category this version does not know.",
        "If Azure has added it, please report it.";
    ODD_TYPE = Code(1318), Noted: "number where text belongs",
        "A name or header field is a bare number or word. Azure writes texts there; only the version may be a number.",
        "Nothing: its text is stored. A converter between Azure and you may have rewritten the log.";
    ODD_ENTRY_SUMS = Code(1319), Noted: "public addresses of a row do not add up to its counters",
        "Traffic Analytics lists each public address of a row with its own counters. Their sums should be those of the row's columns; the entries were believed, because they are what is stored.",
        "Compare the row with the table it was exported from.";
    ODD_STATUS_ROW = Code(1320), Noted: "row that carries no flow",
        "Traffic Analytics writes rows of `SubType` `StatusMessage` about its own work. They were skipped.",
        "Nothing to do.";
    ODD_LAST_LINE = Code(1321), Noted: "last row has no line end",
        "The row has all its fields, and nobody had written to its file for a minute, or nothing can come behind it. So it was stored.",
        "Nothing, if the file is whole. If it grows all the same and the row turns out to be longer, the row is stored as it is by then, beside what was stored now, and that is said (FG1325).";
    ODD_HEADER_AGAIN = Code(1322), Noted: "header repeated between rows",
        "Files with headers were joined. The line was skipped.",
        "Nothing to do.";
    ODD_LOCAL_TIME = Code(1323), Noted: "local time that happens twice",
        "When clocks are set back, an hour of local time happens twice. The earlier was taken.",
        "Export with times in UTC to know which it was.";
    ODD_MAPPED = Code(1324), Noted: "field named with `--map` is in none of the rows",
        "No object of the source has the field. Objects may leave out what is empty, so the rows were stored without it. Where a name is nearly the same, or the column is one that every row needs, the source is refused instead (FG1416).",
        "Check the spelling of the field, whose name is listed.";
    ODD_LAST_ROW = Code(1325), Noted: "row stored without its line end has turned out to be longer",
        "The file ended without a line end and had been left alone for a minute, so its last row was stored (FG1321). It has grown since, inside that row. The row is stored as it is now, beside the piece of it.",
        "Leave the piece out: of the two rows with one `SourceId` and `RecordOffset` it is the one that was ingested first.";
    ROW_FIELDS = Code(1401), Quarantined: "row has another number of fields than its header",
        "A comma or quotation mark inside a value was not quoted, or the line is damaged.",
        "Look at the raw line in Quarantine; export again with quoting.";
    ROW_TIME = Code(1402), Quarantined: "time of a row is missing, unreadable or impossible",
        "No calendar has a 30th of February, and no clock showed an hour that it was set forward over in the zone that `--tz` names. Read are ISO 8601, `8/25/2025 8:11:21.937 PM` with the month first, and epoch seconds, milliseconds, microseconds or nanoseconds, from 2015 to 2100.",
        "Look at the raw row in Quarantine. If the column has another name, name it with `--map TimeGenerated=NAME`.";
    ROW_ZONE = Code(1403), Quarantined: "time without a zone",
        "A time such as `2025-08-25 20:11:21` is another instant in every zone. A wrong guess would be silently wrong, so none is made; where every row is like this, the source is refused as a whole.",
        "Name the zone the times are in, such as `--tz UTC`, `--tz Europe/Berlin` or `--tz +01:00`.";
    ROW_ADDRESS = Code(1404), Quarantined: "address of a row is missing or not an IP address",
        "Source or destination is empty without a list of public addresses in its place, or is no IPv4 or IPv6 address.",
        "Look at the raw row in Quarantine. If the column has another name, name it with `--map SrcIp=NAME`.";
    ROW_PORT = Code(1405), Quarantined: "port of a row is missing or not a number from 0 to 65535",
        "The destination port is missing, or a port is out of range.",
        "Look at the raw row in Quarantine; the columns may be shifted.";
    ROW_PROTOCOL = Code(1406), Quarantined: "protocol of a row is missing or not known",
        "Read are IANA numbers, IANA keywords such as `TCP`, and the letters `T` and `U`.",
        "Look at the raw row in Quarantine; the columns may be shifted.";
    ROW_DIRECTION = Code(1407), Quarantined: "direction of a row is missing, or neither inbound nor outbound",
        "Read are `I`, `Inbound`, `O` and `Outbound`.",
        "Look at the raw row in Quarantine; the columns may be shifted.";
    ROW_STATUS = Code(1408), Quarantined: "row does not say whether the flow was allowed",
        "Read are `A`, `Allow`, `Allowed`, `D`, `Deny` and `Denied`, and in flat records the states `B`, `C` and `E` of VNet flow logs, as long as no other field holds a decision: in an NSG flow log a flow that was denied has the state `B` too. What is not known never becomes allowed or denied.",
        "Look at the raw row in Quarantine. If the column has another name, name it with `--map FlowStatus=NAME`.";
    ROW_COUNTER = Code(1409), Quarantined: "counter of a row is not a whole number up to 2^63-1",
        "Packets, bytes and flows are whole numbers, `12.0` included, and empty where not reported.",
        "Look at the raw row in Quarantine.";
    ROW_ENTRIES = Code(1410), Quarantined: "list of public addresses cannot be read",
        "An entry is `address|started|ended|packets there|packets back|bytes there|bytes back`, and entries are set apart by a space. A cell that was cut at 32 KB ends inside an entry.",
        "Look at the raw row in Quarantine.";
    ROW_LONG = Code(1411), Quarantined: "row is longer than 1 MiB, a value than 128 KiB, or it has more than 1,024 columns",
        "No row of a flow log comes near this. Reading went on at the next row.",
        "Look at the source at the position that Quarantine has.";
    ROW_QUOTE = Code(1412), Quarantined: "quotation mark that is never closed, or closed inside a value",
        "A quoted value ends with a quotation mark before the next separator. The line was put aside, and reading went on at the next.",
        "Look at the raw line in Quarantine; export again with quoting.";
    ROW_SHIFTED = Code(1413), Quarantined: "layout looks shifted",
        "The values do not fit the names: `flowState` holds an encryption such as `NX`, or `deviceAction` a state such as `B`. Some converters read VNet flow logs by the layout of NSG flow logs, and everything after the direction is then in the wrong place.",
        "Read the original blobs (`PT1H.json`) rather than what the converter made of them.";
    ROW_LAYOUT = Code(1414), Quarantined: "row is of no layout known here",
        "The source holds flow records, but this one lacks the keys by which a layout is known.",
        "Look at the raw row in Quarantine. Other names can be given with `--map COLUMN=FIELD`.";
    ROW_ELASTIC = Code(1415), Quarantined: "document of Elastic without its tuples",
        "The arrays of an Elastic document hold each value once, so that nobody can say which values belong together. Only documents with `log.records` have the tuples whole.",
        "Keep `log.records` in the export, or read the original blobs (`PT1H.json`).";
    ROW_MAPPED = Code(1416), Refused: "field named with `--map` is not there",
        "The header has no such column, or none of the first rows has such a field although a name is nearly the same, or although every row needs it. A field that the caller names is the only one for its column, so that the column would be empty.",
        "Write the field as the source has it; letter case does not count. The nearest names are listed.";
    ROW_COLUMN = Code(1417), Quarantined: "column that every row needs is missing",
        "The header has no such column, so that none of its rows can be read.",
        "If the column has another name, name it with `--map COLUMN=FIELD`, such as `--map L4Protocol=proto`.";
    ROW_TABLE = Code(1418), Quarantined: "row of a Traffic Analytics table that holds no flows",
        "`NTAIpDetails` and `AzureNetworkAnalyticsIPDetails_CL` say what is known of an address, `NTATopologyDetails` and rows of `SubType` `Topology` which resources there are. Neither says who talked to whom.",
        "Export `NTANetAnalytics`, or `AzureNetworkAnalytics_CL` where `SubType_s` is `FlowLog`.";
    TABLE_MISSING = Code(2001), Refused: "no table there",
        "The folder holds no Flowglass table.",
        "Create one with `flowglass ingest PATH --table DIR`, or try `flowglass demo` and name the table that it makes.";
    TABLE_NEWER = Code(2002), Refused: "table was written by a newer Flowglass",
        "The table's properties ask for a reader or writer version above this program's.",
        "Use a newer Flowglass.";
    TABLE_FOREIGN = Code(2003), Refused: "folder holds a Delta table that is not Flowglass's",
        "The properties `flowglass.*` are missing.",
        "Choose another folder with `--table`.";
    TABLE_CONFLICT = Code(2004), Refused: "another writer kept winning",
        "Several writers commit to the same shards faster than this one can.",
        "Run it again; nothing was half stored.";
    TABLE_IO = Code(2005), Refused: "reading or writing the table failed",
        "The file system refused: full, read-only, no permission.",
        "Mend what the message names and run it again; what was committed is safe.";
    TABLE_DAMAGED = Code(2006), Refused: "table is damaged",
        "A file the log names is missing or shorter than it was.",
        "Run `flowglass table check --deep` for the list; ingest the sources again into a fresh table.";
    TABLE_VERSION_GONE = Code(2007), Refused: "version is not kept any more",
        "Versions are kept for as long as `table vacuum` is told to, seven days by default; then their files are removed.",
        "Ask the table as it is, or a newer version. To keep versions for longer, give `table vacuum --retain`.";
    TABLE_FOLLOWER = Code(2008), Refused: "follower is not as it should be",
        "A follower is a program that reads the table version by version; its file in `_followers` says which versions it still needs. Nothing is removed while such a file cannot be read.",
        "Run `flowglass table followers`; remove one that will not come back with `--remove NAME`.";
    TABLE_UNMIGRATABLE = Code(2009), Refused: "table cannot be brought to this format",
        "Only columns that may be null are added, and columns may become null. The table differs from the present format in another way, which is named.",
        "Query the table as it is. To store more, ingest the sources into a fresh table.";
    TABLE_FACTS = Code(2010), Refused: "snapshot of facts is too large",
        "The facts of one load are kept in one file, which is read whole by each query that needs names.",
        "Load fewer subscriptions at a time: each load says anew only what it speaks of.";
    SOURCE_IO = Code(2101), Refused: "source cannot be read",
        "The file vanished, or permission is missing.",
        "Check the path and its permissions; the other sources went on.";
    SOURCE_NONE = Code(2102), Refused: "no file matches",
        "The path or pattern names nothing.",
        "Check the spelling; quote patterns so that the shell leaves them alone.";
    SOURCE_CHANGED = Code(2103), Noted: "bytes already read have changed",
        "The source was written anew. It was read again from the start as a new incarnation; records already stored are not stored twice. Records that were changed are new ones: what the old bytes said stays in the table beside them, and sums count both.",
        "Flow logs are append-only: find out who rewrote them. `RecordTime` and `IngestLog` tell the readings apart by `SourceId`.";
    SOURCE_SHRUNK = Code(2104), Noted: "source is shorter than what was read",
        "The source was replaced by a shorter one. It was read again from the start as a new incarnation. What was read of the longer one stays in the table.",
        "Nothing to do, unless your logs are supposed to be append-only.";
    RECORD_KNOWN = Code(2105), Noted: "record had been brought by another source",
        "The same record came by a second way (a copied blob, a second transport) and was not stored again.",
        "Nothing to do. `--allow-duplicates` stores it all the same.";
    PARTITION_LIMIT = Code(2106), Refused: "commit spreads over too many days",
        "One commit would write more than 1,000 daily partitions.",
        "Ingest fewer files at once.";
    SOURCE_COMPRESSED = Code(2107), Noted: "compressed file is not what it was",
        "A compressed file cannot be read on from the middle. It was read again from its start; records that the table had of it were recognised and not stored again.",
        "Nothing, if the file has grown. To see whether its earlier bytes changed too, compare the hashes in IngestLog.";
    SOURCE_OTHERWISE = Code(2108), Noted: "source is read in another way than before",
        "Something of the source could not be read when it was read with other options (`--format-in`, `--map`, `--tz`). It was read again from its start; records that the table holds were recognised and not stored again.",
        "Nothing, if the options are right now. Rows that were stored with a wrong zone or wrong columns stay as they are: ingest into a new table.";
    QUERY_SYNTAX = Code(3001), Refused: "query cannot be parsed",
        "The text is not SQL that this version reads.",
        "Look at the position that was printed.";
    QUERY_NAME = Code(3002), Refused: "query names a table, column or function that does not exist",
        "Names are compared exactly as written, letter case included.",
        "docs/columns.md lists the columns.";
    QUERY_MEMORY = Code(3003), Refused: "query needs more memory than it may have",
        "The limit was reached, and this step cannot spill to disk.",
        "Raise `--memory`, narrow the time range, or group by fewer columns.";
    QUERY_CANCELLED = Code(3004), Refused: "query was cancelled",
        "Somebody pressed Ctrl-C, or its time was up.",
        "Run it again, with a narrower time range or more time.";
    QUERY_WRITE = Code(3005), Refused: "statement would change something",
        "Queries only read.",
        "Use `flowglass ingest` to add data.";
    QUERY_FAILED = Code(3006), Refused: "query failed while it ran",
        "A value could not be computed or a file could not be read.",
        "The message names the step; `flowglass table check --deep` tells whether the files are whole.";
    QUERY_FILE_GONE = Code(3007), Refused: "query needs a file that is not there any more",
        "A query reads the files of one version. If `table compact` has replaced them and `table vacuum` has removed them since, that version cannot be read any more.",
        "Run the query again: it reads the newest version. If that fails too, `flowglass table check` says what is missing.";
    CONFIG_KEY = Code(4001), Refused: "configuration has an unknown key",
        "A misspelt key would otherwise be silently ignored.",
        "Use the key that is suggested, or remove it.";
    CONFIG_READ = Code(4002), Refused: "configuration cannot be read",
        "The file is missing, or is not TOML.",
        "Mend the line that is named.";
    CONFIG_VERSION = Code(4003), Refused: "configuration has another version",
        "This version reads `version = 1`.",
        "Add `version = 1` at the top of the file.";
    CONFIG_VALUE = Code(4004), Refused: "configuration has a value out of range",
        "The value is of another type, or not one of those allowed.",
        "Use a value the message names.";
    FILTER_VALUE = Code(4005), Refused: "filter cannot be understood",
        "A flag such as `--ip`, `--port` or `--since` has a value of another form.",
        "Use the form the message shows.";
    ROWS_VALUE = Code(4006), Refused: "how rows are to be read cannot be understood",
        "`--format-in`, `--map` or `--tz` has a value of another form.",
        "Use a value the message names.";
}
