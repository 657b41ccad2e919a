//! Folder names for display.

/// The last component of a path: the name by which people call a folder.
#[must_use]
pub fn folder(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_the_last_name_of_its_path() {
        assert_eq!(["/home/u/api-server", "/home/u/api/", "/", "x"].map(folder), ["api-server", "api", "/", "x"]);
    }
}
