//! Several statements as one: a journey to a server takes longer than most of what is asked of it.

use std::fmt::Write as _;

use crate::statement::{Statement, Value, push_parameter};

/// Statements as one, for PostgreSQL, where every statement is a journey to the server and back: `first` is evaluated
/// before any of them, then they are locks in their order, then the rest in theirs. `None` when they cannot be one,
/// because two of them change the same table.
///
/// PostgreSQL promises no order for changes in a `WITH`. It makes the last first; should that change one day, two
/// processes may wait for each other, and the one that is undone tries again.
pub(crate) fn chained<'a>(
    first: (&str, &str),
    statements: &'a [Statement],
    values: &mut Vec<&'a Value>,
) -> Option<String> {
    let (mut locks, mut changes, mut tables) = (Vec::new(), Vec::new(), Vec::new());
    for statement in statements {
        let mut words = statement.sql.split_ascii_whitespace();
        let table = match words.next()? {
            "SELECT" => None,
            "UPDATE" => words.next(),
            "INSERT" | "DELETE" => words.nth(1),
            _ => return None,
        };
        if table.is_some_and(|table| tables.contains(&table)) {
            return None;
        }
        tables.extend(table);
        let numbered = renumbered(&statement.sql, values.len());
        values.extend(&statement.values);
        if table.is_some() { changes.push(numbered) } else { locks.push(numbered) }
    }
    let (source, mut condition) = (first.0, String::from("0"));
    let mut sql = format!("WITH first AS MATERIALIZED ({source})");
    for (number, lock) in locks.iter().enumerate() {
        let _ = write!(sql, ", lock{number} AS MATERIALIZED ({lock})");
        let _ = write!(condition, " + (SELECT COUNT(*) FROM lock{number})");
    }
    for (number, change) in changes.iter().enumerate().rev() {
        let _ = write!(sql, ", change{number} AS ({change})");
    }
    let _ = write!(sql, " SELECT {}", first.1.replace("LOCKS", &condition));
    Some(sql)
}

/// A text whose parameters count on from `first`.
fn renumbered(sql: &str, first: usize) -> String {
    let mut parts = sql.split('$');
    let mut renumbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or_default();
        push_parameter(&mut renumbered, first + number);
        renumbered.push_str(&part[digits..]);
    }
    renumbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chained_statements_lock_first_and_count_their_parameters_on() {
        let lock =
            Statement { sql: "SELECT 1 FROM t WHERE k = $1 FOR UPDATE".into(), values: vec![1.into()] };
        let one =
            Statement { sql: "UPDATE t SET a = $2 WHERE k = $1".into(), values: vec![2.into(), 3.into()] };
        let two = Statement { sql: "INSERT INTO u (a) VALUES ($1)".into(), values: vec![4.into()] };
        let all = [one.clone(), lock, two];
        let expected = Value::from(7);
        let mut values = vec![&expected];
        let sql = chained(("SELECT g", "CASE WHEN $1 THEN LOCKS END"), &all, &mut values).unwrap();
        assert_eq!(
            sql,
            "WITH first AS MATERIALIZED (SELECT g), \
             lock0 AS MATERIALIZED (SELECT 1 FROM t WHERE k = $4 FOR UPDATE), \
             change1 AS (INSERT INTO u (a) VALUES ($5)), \
             change0 AS (UPDATE t SET a = $3 WHERE k = $2) \
             SELECT CASE WHEN $1 THEN 0 + (SELECT COUNT(*) FROM lock0) END"
        );
        assert_eq!(values, [7, 2, 3, 1, 4].map(Value::from).iter().collect::<Vec<_>>());
        assert_eq!(chained(("SELECT g", "LOCKS"), &[one.clone(), one], &mut Vec::new()), None);
    }
}
