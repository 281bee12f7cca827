//! Which part of a day is its year, where years have two digits: by the order of a log's lines.

/// Years from here on may be those of the century before.
const LAST_YEAR: u32 = 69;
/// The share of lines that are not before the line above them, in a log.
const IN_ORDER: f64 = 0.9;
/// The orders in use: the places of year, month and day.
const ORDERS: [[usize; 3]; 3] = [[0, 1, 2], [2, 1, 0], [2, 0, 1]];

/// What was found of days with years of two digits.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Written so, without a doubt.
    Sure(String),
    /// Written in one of these ways, or in none that is in use.
    Open(Vec<String>),
}

/// A day as it is written: its parts, what stands between them, and how long it is.
struct Day {
    parts: [u32; 3],
    sign: Option<char>,
    len: usize,
}

/// How the days of moments are written, which come as their lines do; `pattern` is one that has the right time of day behind
/// its day. `None`: their years are no two digits.
pub fn find(moments: &[Vec<u8>], pattern: &str) -> Option<Found> {
    let days: Vec<Day> = moments.iter().map(|moment| day(moment)).collect::<Option<_>>()?;
    let first = days.first()?;
    let is_alike = |day: &Day| day.sign == first.sign && day.len == first.len;
    let behind = pattern.get(first.len..).filter(|_| days.iter().all(is_alike))?;
    let written = |order: &[usize; 3]| {
        let mut letters = [""; 3];
        order.iter().zip(["yy", "MM", "dd"]).for_each(|(&place, part)| letters[place] = part);
        letters.join(&first.sign.map(String::from).unwrap_or_default()) + behind
    };
    let possible: Vec<&[usize; 3]> = ORDERS.iter().filter(|order| days.iter().all(|day| is_possible(day, order))).collect();
    let told: Vec<&&[usize; 3]> = match possible.len() {
        1 => possible.iter().collect(),
        _ => possible.iter().filter(|order| goes_on(&days, order)).collect(),
    };
    Some(match told[..] {
        [order] => Found::Sure(written(order)),
        _ => Found::Open(possible.into_iter().map(written).collect()),
    })
}

/// The day that a moment begins with: `17/06/09`, `081109`.
fn day(moment: &[u8]) -> Option<Day> {
    let two = |at: usize| match moment.get(at..at + 2) {
        Some(&[tens @ b'0'..=b'9', ones @ b'0'..=b'9']) => Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0')),
        _ => None,
    };
    let sign = moment.get(2).copied().filter(|sign| matches!(sign, b'/' | b'-' | b'.'));
    let step = 2 + usize::from(sign.is_some());
    let len = 2 * step + 2;
    let is_whole = moment.get(len).is_some_and(|byte| !byte.is_ascii_digit()) && (sign.is_none() || moment.get(5) == sign.as_ref());
    let parts = [two(0)?, two(step)?, two(2 * step)?];
    is_whole.then_some(Day { parts, sign: sign.map(char::from), len })
}

fn is_possible(day: &Day, order: &[usize; 3]) -> bool {
    let [year, month, day] = order.map(|place| day.parts[place]);
    year <= LAST_YEAR && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Whether days go on from line to line as time does: forward, years more seldom than months, and those more seldom than days.
fn goes_on(days: &[Day], order: &[usize; 3]) -> bool {
    let pairs = || days.iter().zip(days.iter().skip(1));
    let changes = order.map(|place| pairs().filter(|(a, b)| a.parts[place] != b.parts[place]).count());
    let of = |day: &Day| order.map(|place| day.parts[place]);
    let forward = pairs().filter(|(a, b)| of(a) <= of(b)).count();
    let [years, months, days] = changes;
    years < days && years <= months && months <= days && forward as f64 >= IN_ORDER * pairs().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(days: &[&str]) -> Option<Found> {
        let moments: Vec<Vec<u8>> = days.iter().map(|day| format!("{day} 10:00:00").into_bytes()).collect();
        let sign = days.first().and_then(|day| day.chars().nth(2)).filter(|char| !char.is_ascii_digit());
        let pattern = ["dd", "MM", "yy"].join(&sign.map(String::from).unwrap_or_default()) + " HH:mm:ss";
        find(&moments, &pattern)
    }

    fn sure(pattern: &str) -> Option<Found> {
        Some(Found::Sure(format!("{pattern} HH:mm:ss")))
    }

    #[test]
    fn the_part_that_goes_on_with_the_lines_is_the_day() {
        assert_eq!(found(&["17/06/09", "17/06/09", "17/06/10", "17/06/11"]), sure("yy/MM/dd"));
        assert_eq!(found(&["09/06/17", "10/06/17", "11/06/17"]), sure("dd/MM/yy"));
        assert_eq!(found(&["06-09-17", "06-10-17", "06-11-17"]), sure("MM-dd-yy"));
        assert_eq!(found(&["081109", "081110", "081111"]), sure("yyMMdd"));
        assert_eq!(found(&["11/12/29", "11/12/30", "11/12/31", "12/01/01", "12/01/02"]), sure("yy/MM/dd"));
    }

    #[test]
    fn what_can_be_no_day_and_no_month_is_the_year() {
        assert_eq!(found(&["45/06/13", "45/06/13"]), sure("yy/MM/dd"));
    }

    #[test]
    fn days_that_do_not_tell_stay_open() {
        let open = |patterns: &[&str]| Some(Found::Open(patterns.iter().map(|pattern| format!("{pattern} HH:mm:ss")).collect()));
        assert_eq!(found(&["17/06/09", "17/06/09"]), open(&["yy/MM/dd", "dd/MM/yy"]));
        assert_eq!(found(&["05/06/09"; 3]), open(&["yy/MM/dd", "dd/MM/yy", "MM/dd/yy"]));
        // Not in the order of time.
        assert_eq!(found(&["17/06/09", "17/06/08", "17/06/07", "17/06/06"]), open(&["yy/MM/dd", "dd/MM/yy"]));
        // A century that is not told.
        assert_eq!(found(&["99/06/09", "99/06/10"]), open(&[]));
        assert_eq!(found(&["2017/06/09"]), None);
    }
}
