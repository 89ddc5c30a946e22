//! Tells cargo that the crate holds the built browser client, so that it is compiled anew when that was built.
//! Builds nothing: a checkout without node compiles, and says on its page what to do.

fn main() {
    println!("cargo::rerun-if-changed=../../web/built");
}
