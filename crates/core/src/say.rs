//! Numbers as a person says them: "2 min 40 s", "1.2 GB", and a folder by its last name.

/// "40 s", "2 min 40 s", "3 h 5 min"; below ten seconds with a decimal: "0.4 s".
#[must_use]
pub fn duration(ms: u64) -> String {
    let s = ms / 1_000;
    match s {
        0..10 => format!("{}.{} s", s, (ms % 1_000) / 100),
        10..60 => format!("{s} s"),
        60..3_600 if s.is_multiple_of(60) => format!("{} min", s / 60),
        60..3_600 => format!("{} min {} s", s / 60, s % 60),
        3_600..86_400 if s % 3_600 < 60 => format!("{} h", s / 3_600),
        3_600..86_400 => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3_600),
    }
}

/// "40 s", "9 min", "3 h 5 min": how long something will take, which nobody knows to the second.
#[must_use]
pub fn about(ms: u64) -> String {
    match ms / 1_000 {
        s @ 0..60 => duration(s.max(1) * 1_000),
        s @ 60..7_200 => format!("{} min", (s + 30) / 60),
        s => duration(s * 1_000),
    }
}

/// "310 MB", "1.2 GB": decimal units, as the systems' own tools show them.
#[must_use]
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000_000 => format!("{} kB", n / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", n / 1_000_000),
        _ => format!("{}.{} GB", n / 1_000_000_000, n % 1_000_000_000 / 100_000_000),
    }
}

/// "950", "61 k", "1.2 M": how many, as one says it of things that one does not count.
#[must_use]
pub fn number(n: u64) -> String {
    match n {
        0..10_000 => n.to_string(),
        10_000..1_000_000 => format!("{} k", n / 1_000),
        _ => format!("{}.{} M", n / 1_000_000, n % 1_000_000 / 100_000),
    }
}

/// "84 % of a core", "2.5 cores", of thousandths of one.
#[must_use]
pub fn cores(permille: u64) -> String {
    match permille {
        0..1_000 => format!("{} % of a core", permille / 10),
        _ => format!("{}.{} cores", permille / 1_000, permille % 1_000 / 100),
    }
}

/// "once", "twice", "3 times".
#[must_use]
pub fn times(n: usize) -> String {
    match n {
        1 => "once".into(),
        2 => "twice".into(),
        n => format!("{n} times"),
    }
}

/// The last name of a path: what people call the folder.
#[must_use]
pub fn folder(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let said: Vec<_> =
            [0, 400, 9_999, 40_000, 120_000, 160_000, 3_600_000, 11_100_000, 90_000_000].map(duration).into();
        assert_eq!(said, ["0.0 s", "0.4 s", "9.9 s", "40 s", "2 min", "2 min 40 s", "1 h", "3 h 5 min", "1 d 1 h"]);
        let said: Vec<_> = [0, 40_000, 119_000, 585_000, 3_600_000, 11_100_000].map(about).into();
        assert_eq!(said, ["1.0 s", "40 s", "2 min", "10 min", "60 min", "3 h 5 min"]);
        assert_eq!([999, 310_000_000, 1_250_000_000].map(bytes), ["0 kB", "310 MB", "1.2 GB"]);
        assert_eq!([0, 9_999, 61_440, 1_250_000].map(number), ["0", "9999", "61 k", "1.2 M"]);
        assert_eq!([0, 845, 1_000, 2_560].map(cores), ["0 % of a core", "84 % of a core", "1.0 cores", "2.5 cores"]);
        assert_eq!([1, 2, 3].map(times), ["once", "twice", "3 times"]);
        assert_eq!(["/home/u/api-server", "/home/u/api/", "/", "x"].map(folder), ["api-server", "api", "/", "x"]);
    }
}
