//! What the fuzzers attack: each target takes any octets, and panics only where a promise is broken.
//! No file, no clock, no network; the corpus of each lies in `fuzz/corpus/` under its name.

/// A target: any octets in, a panic when a promise is broken.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] = &[("ntlm_message", ntlm_message)];

/// One NTLM message against both readers: [MS-NLMP] 2.2.1.2 and 2.2.1.3. What an AUTHENTICATE names is shorter than it.
pub fn ntlm_message(octets: &[u8]) {
    let _ = ntlm::ReceivedChallenge::parse(octets);
    if let Ok(answer) = ntlm::Authenticate::parse(octets) {
        let names = answer.user().chars().count() + answer.domain().chars().count();
        assert!(names <= octets.len(), "names are longer than the message that holds them");
    }
}
