//! `externaldata`, in its formats.

mod answers;

use answers::check;

#[test]
fn texts_become_rows() {
    check(
        "externaldata(name:string, port:int, up:bool, tags:dynamic)['hosts.csv'] with (ignoreFirstRecord=true)",
        "name:string port:int up:bool tags:dynamic
         'web, old' 80 true ['a']
         'db' null false null",
    );
    check(
        "externaldata(name:string, port:long)[h'hosts.tsv'] | where port > 100",
        "name:string port:long
         'db' 5432",
    );
    check(
        "externaldata(port:long, tags:dynamic, name:string)['hosts.json'] with (format='json')",
        "port:long tags:dynamic name:string
         80 [1] 'web'
         null null 'db'",
    );
    check(
        "externaldata(name:string, port:int)['all.multijson']",
        "name:string port:int
         'web' null
         'd}b' 1",
    );
    check(
        "externaldata(line:string)['lines.txt', 'lines.txt'] with (format=txt) | count",
        "Count:long
         4",
    );
    check(
        "externaldata(line:string)['lines.txt'] with (format=raw) | extend size=strlen(line) | project size",
        "size:long
         15",
    );
}

#[test]
fn what_cannot_be_read_is_told() {
    check(
        "externaldata(a:string)['missing']",
        "failed: `missing` is not there",
    );
    check(
        "externaldata(a:string)['hosts.csv'] with (format='parquet')",
        "failed: the format `parquet` of `externaldata` is not supported",
    );
    check(
        "externaldata(a:string)['hosts.csv'] with (ingestionMapping='x')",
        "failed: the property `ingestionmapping` of `externaldata` is not supported",
    );
}
