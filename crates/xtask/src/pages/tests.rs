//! Which node builds the client. Starts none.

use super::is_new_enough;

#[test]
fn vite_says_which_node_is_new_enough() {
    for (version, enough) in [
        ("v20.18.3", false),
        ("v20.19.0", true),
        ("v20.20.2", true),
        ("v21.7.0", false),
        ("v22.11.0", false),
        ("v22.12.0", true),
        ("v24.1.0", true),
        ("v18.20.0", false),
        ("", false),
        ("node", false),
    ] {
        assert_eq!(is_new_enough(version), enough, "{version}");
    }
}
