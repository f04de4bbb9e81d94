//! `union`: what its source column says, and what columns of several types are called.

mod answers;

use answers::check;

#[test]
fn rows_have_the_name_that_they_were_given() {
    check(
        "print x = 1 | as one | union withsource=origin (print x = 2 | as two), (print x = 3 | as three | where x > 1)",
        "origin:string x:long
         'one' 1
         'two' 2
         'union_arg2' 3",
    );
    check(
        "print x = 1 | as one | extend y = x | union withsource=origin (print x = 2)",
        "origin:string x:long y:long
         'union_arg0' 1 1
         'union_arg1' 2 null",
    );
}

#[test]
fn columns_of_several_types_are_called_after_them() {
    check(
        "union (print x = 1), (print x = 'a', y = 2)",
        "x_long:long x_string:string y:long
         1 '' null
         null 'a' 2",
    );
    // What has the name of its own keeps it.
    check(
        "union (print x = 1), (print x = 'a'), (print x_long = 5.5, x_long1 = true)",
        "x_long2:long x_string:string x_long:real x_long1:bool
         1 '' null null
         null 'a' null null
         null '' 5.5 true",
    );
    check(
        "union withsource=x (print x = 1), (print y = 2)",
        "x:string x1:long y:long
         'union_arg0' 1 null
         'union_arg1' null 2",
    );
}
