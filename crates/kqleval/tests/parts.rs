//! What is computed some thousand rows at a time is what it would be at once: no row tells otherwise.

mod generated;

use generated::{Generated, outcome};

const ROWS: usize = 40_000;

#[test]
fn no_row_is_another_one() {
    let tables = Generated::new(ROWS, 1 << 30);
    let mut wrong = Vec::new();
    for query in [
        "T | extend y = strcat(s, '/', x) | where y != strcat('a text with the number -', tostring(x), '/', x)",
        "T | where s != strcat('a text with the number -', x) or isempty(s)",
        "T | extend y = pack_array(x, s) | where tolong(y[0]) != x or tostring(y[1]) != s",
        "T | extend y = iff(x % 2 == 0, 'even', 'odd') | where (y == 'even') != (x % 2 == 0)",
        "T | extend y = todecimal(x) + 1 | where tolong(y) != x + 1",
        "T | extend y = 1, z = strcat('a', 'b') | where y != 1 or z != 'ab'",
        "T | extend y = x in ((T | where x % 3 == 0 | project x)) | where y != (x % 3 == 0)",
        "T | extend y = toscalar(T | summarize max(x)) - x | where y != 39999 - x",
        "T | sort by x asc | extend y = row_number() - 1 + x, p = prev(x, 1, -1), c = row_cumsum(1) \
         | where y != 2 * x or p != x - 1 or c != x + 1",
        "T | sort by x asc | extend n = next(x + 1) | where x < 39999 and n != x + 2",
        "T | sort by g asc, x desc | extend p = prev(g), q = prev(x) | where g < p or (g == p and x > q)",
        "T | sort by g asc | extend p = prev(g), q = prev(x) | where g == p and x < q",
        "T | top 20000 by s desc | extend p = prev(s) | where isnotempty(p) and strcmp(s, p) > 0",
        "T | mv-expand with_itemindex = i e = d to typeof(long) | where e != x + i",
        "T | mv-expand e = bag_pack('a', x, 'b', s) | where bag_keys(e)[0] == 'a' and tolong(e.a) != x",
        "T | mv-expand e = range(1, x % 4), d | where isnull(e) and isnull(d)",
        "T | join kind=leftouter (T | where x % 2 == 0 | project x, r = s, u = x) on x \
         | where (x % 2 == 0 and (r != s or u != x)) or (x % 2 == 1 and (r != '' or isnotnull(u)))",
        "T | join kind=rightouter (T | project x = x + 1, r = s) on x | where isnull(x) and s != ''",
        "T | join kind=innerunique (T | project g, r = x) on g | where r % 100 != g or x >= 100",
        "T | join kind=leftanti (T | where x % 2 == 0) on x | where x % 2 == 0",
        "T | join kind=rightsemi (T | where x % 2 == 0) on x | where x % 2 == 1",
        "T | summarize l = make_list(x) by g | where array_length(l) != 400 or tolong(l[399]) != g + 39900",
        "T | summarize p = percentile(x, 50), n = dcount(s) by g | where n != 400 or p != g + 19900",
        "T | parse s with * '-' n: long | where n != x",
        "T | parse-where s with * '-' n: long | where n != x",
        "T | make-series c = count() on x from 0 to 40000 step 1 by g | where array_sum(c) != 400",
        "T | union (T | project x = x + 40000, s = strcat(s, '')) | summarize n = dcount(x) | where n != 80000",
        "T | evaluate pivot(g, count(), s) | where column_ifexists('1', 0) > 1",
        "range y from 0.0 to 30000.0 step 1.0 | sort by y asc | extend p = prev(y, 1, -1.0) | where y != p + 1",
        "range y from 39999 to 0 step -1 | serialize p = prev(y, 1, 40000) | where y != p - 1",
    ] {
        let given = outcome(&tables, query);
        if given != Ok(0) {
            wrong.push(format!("{query}: {given:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
