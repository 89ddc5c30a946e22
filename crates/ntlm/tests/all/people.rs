//! Who takes part in the tests: a server, Alice, and an answer of hers that can be spoiled.
//! Tests nothing itself.

use ntlm::{
    Applicant, Association, Challenge, FileTime, Fresh, NtHash, ReceivedChallenge, TargetNames, answer,
};

pub const TIME: FileTime = FileTime::from_ticks(134_398_533_231_294_612);

/// The CHALLENGE of server.example.com.
pub fn challenge() -> Challenge {
    let names = TargetNames::new("example.com", "server.example.com").unwrap();
    Challenge::new([1, 2, 3, 4, 5, 6, 7, 8], &names, TIME)
}

pub fn alices_hash() -> NtHash {
    NtHash::of_password("wonderland 7")
}

/// Somebody's answer to [`challenge`].
pub fn answer_of(user: &str, domain: &str, hash: &NtHash) -> (Vec<u8>, Association) {
    let received = ReceivedChallenge::parse(challenge().octets()).unwrap();
    let who = Applicant { user, domain, workstation: "TEAPOT", hash };
    let fresh = Fresh { client_challenge: [0xaa; 8], session_key: [0x55; 16], time: TIME };
    answer(&received, &who, &fresh).unwrap()
}

/// The octets of Alice's right answer.
pub fn alices_answer() -> Vec<u8> {
    answer_of("alice@example.com", "", &alices_hash()).0
}

/// Where the pointers of an AUTHENTICATE stand.
pub mod at {
    pub const LM: usize = 12;
    pub const NT: usize = 20;
    pub const DOMAIN: usize = 28;
    pub const USER: usize = 36;
    pub const WORKSTATION: usize = 44;
    pub const SESSION_KEY: usize = 52;
    pub const FLAGS: usize = 60;
}

/// Where the octets a pointer names begin.
pub fn start(message: &[u8], pointer: usize) -> usize {
    u32::from_le_bytes(message[pointer + 4..pointer + 8].try_into().unwrap()) as usize
}

/// Sets the length of a pointer.
pub fn set_length(message: &mut [u8], pointer: usize, length: u16) {
    message[pointer..pointer + 2].copy_from_slice(&length.to_le_bytes());
}

/// Sets where a pointer points.
pub fn set_start(message: &mut [u8], pointer: usize, start: u32) {
    message[pointer + 4..pointer + 8].copy_from_slice(&start.to_le_bytes());
}

/// Clears or sets flags of an AUTHENTICATE.
pub fn change_flags(message: &mut [u8], change: impl Fn(u32) -> u32) {
    let place = &mut message[at::FLAGS..at::FLAGS + 4];
    let bits = change(u32::from_le_bytes(place.try_into().unwrap()));
    place.copy_from_slice(&bits.to_le_bytes());
}
