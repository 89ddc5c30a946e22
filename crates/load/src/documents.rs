//! What clients of this family send beside XCCOS: offers, subscriptions, publications.
//! Sends nothing itself.

/// What an INVITE offers.
pub(crate) const SDP: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                   m=message 5060 sip null\r\na=accept-types:text/plain\r\n";

/// What a client subscribes to when it signs on, and what it can read of it.
pub(crate) const SUBSCRIPTIONS: &[(&str, &str)] = &[
    ("vnd-microsoft-provisioning-v2", "application/vnd-microsoft-roaming-provisioning-v2+xml"),
    ("vnd-microsoft-roaming-contacts", "application/vnd-microsoft-roaming-contacts+xml"),
    ("vnd-microsoft-roaming-self", "application/vnd-microsoft-roaming-self+xml"),
    ("presence", "application/msrtc-event-categories+xml"),
];

/// The publication of one endpoint's presence; every second change is busy, the others available.
pub(crate) fn presence(address: &str, instance: u64, version: u32) -> String {
    let availability = if version.is_multiple_of(2) { 6_500 } else { 3_500 };
    format!(
        "<publish xmlns=\"http://schemas.microsoft.com/2006/09/sip/rich-presence\"><publications uri=\"{address}\">\
         <publication categoryName=\"state\" instance=\"{instance}\" container=\"2\" version=\"{version}\" expireType=\"endpoint\">\
         <state xmlns=\"http://schemas.microsoft.com/2006/09/sip/state\" manual=\"false\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"machineState\">\
         <availability>{availability}</availability><endpointLocation/></state></publication></publications></publish>"
    )
}
