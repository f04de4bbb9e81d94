//! Names: columns and tables exactly as written, functions in any case.

use super::fixture::{check, check_error};

#[test]
fn columns_keep_their_case_without_quotes() {
    check("SELECT SrcIp FROM Flows LIMIT 1", "SrcIp\n10.0.0.0");
    check("SELECT \"SrcIp\" FROM \"Flows\" LIMIT 1", "SrcIp\n10.0.0.0");
    check(
        "SELECT f.SrcIp AS Address FROM Flows AS f WHERE f.SrcPort = 40003 ORDER BY Address LIMIT 1",
        "Address\n10.0.0.21",
    );
    check(
        "SELECT Flows.SrcPort FROM public.Flows WHERE Flows.SrcIp = '198.51.100.7'",
        "SrcPort\n40250",
    );
}

#[test]
fn functions_are_known_in_any_case() {
    check(
        "SELECT count(*) AS a, COUNT(*) AS b, Count(1) AS c, Sum(1) AS d, MAX(SrcPort) AS e FROM Flows",
        "a | b | c | d | e\n2400 | 2400 | 2400 | 2400 | 40399",
    );
    check(
        "SELECT UPPER('a') AS a, lower('B') AS b, Coalesce(NULL, 'c') AS c, IP_CLASS('10.0.0.1') AS d",
        "a | b | c | d\nA | b | c | Private",
    );
    check(
        "SELECT ROW_NUMBER() OVER (ORDER BY SrcPort) AS n FROM Flows LIMIT 1",
        "n\n1",
    );
}

#[test]
fn a_wrong_column_is_named_with_its_place_and_the_nearest() {
    check_error(
        "SELECT srcip FROM Flows",
        "FG3002: no column `srcip` at line 1, column 8; did you mean `SrcIp`?
         hint: write `SrcIp`; letter case counts",
    );
    check_error(
        "SELECT SrcIp,\n  count(*)\nFROM Flows WHERE DstPort = 22 GROUP BY SrcIp",
        "FG3002: no column `DstPort` at line 3, column 18; did you mean `DestPort`?
         hint: write `DestPort`",
    );
    check_error(
        "SELECT f.Elephant FROM Flows f",
        "FG3002: no column `Elephant` at line 1, column 8
         hint: `DESCRIBE Flows` lists the columns",
    );
    check_error(
        "SELECT SrcIp FROM (SELECT DestIp FROM Flows)",
        "FG3002: no column `SrcIp` at line 1, column 8
         hint: `DESCRIBE Flows` lists the columns",
    );
    check_error(
        "SELECT x FROM Flows ORDER BY TimeGenerted",
        "FG3002: no column `x` at line 1, column 8
         hint: `DESCRIBE Flows` lists the columns",
    );
}

#[test]
fn a_wrong_table_is_named_with_the_nearest() {
    check_error(
        "SELECT * FROM flows",
        "FG3002: no table `flows` at line 1, column 15; did you mean `Flows`?
         hint: write `Flows`; letter case counts",
    );
    check_error(
        "SELECT * FROM Elephants",
        "FG3002: no table `Elephants` at line 1, column 15\nhint: `SHOW TABLES` lists the tables",
    );
    check_error(
        "SELECT * FROM NTANetAnalytics",
        "FG3002: no table `NTANetAnalytics` at line 1, column 15
         hint: `Flows` holds these rows, its columns named as in docs/columns.md: `DESCRIBE Flows`",
    );
    check_error(
        "SELECT * FROM '/etc/passwd'",
        "FG3002: no table `/etc/passwd`\nhint: `SHOW TABLES` lists the tables",
    );
}

#[test]
fn a_wrong_function_is_named_with_the_nearest() {
    check_error(
        "SELECT cuont(*) FROM Flows",
        "FG3002: no function `cuont` at line 1, column 8; did you mean `count`?
         hint: write `count`",
    );
    check_error(
        "SELECT elephant(SrcIp) FROM Flows",
        "FG3002: no function `elephant` at line 1, column 8
         hint: `SHOW FUNCTIONS` lists the functions",
    );
}
