//! The grammar as a whole: it holds together, and its reference page says what it is.
//! What commands do is told by stories of the whole program.

#[test]
fn the_grammar_holds_together() {
    super::grammar().debug_assert();
}
