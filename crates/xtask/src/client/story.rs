//! The driver's events as lines for a person.
//! It decides nothing: what a session waits for is in `session.rs`.

use serde_json::Value;

/// What can be typed.
pub const COMMANDS: &str = "Commands: rooms, join NAME, say TEXT (in the room joined last), send \"ROOM\" TEXT, \
                            participants [ROOM], leave [ROOM], quit.";

/// What a person reads about this event, or nothing when it would only be noise.
pub fn line(event: &Value) -> Option<String> {
    let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
    let line = match event["event"].as_str()? {
        "ready" if event["libxml2_broken"] == true => {
            "(The libxml2 of this system blinds the plugin; the driver works around it. A graphical client cannot.)"
                .to_owned()
        }
        "signed-on" => format!("Signed on as {}.", text("user").trim_end_matches(',')),
        "plugin-state" => return state(event),
        "room" => room(event),
        "rooms-end" => format!("{} rooms.", event["count"]),
        "rooms-unavailable" => "There is no connection to the chat rooms.".to_owned(),
        "joined" => format!("You are in \"{}\".", text("room")),
        "topic" if !text("topic").is_empty() => format!("  About: {}", text("topic")),
        "participant" => format!("  here: {}", name(&text("who"))),
        "participant-joined" => format!("{} came into \"{}\".", name(&text("who")), text("room")),
        "participant-left" => format!("{} left \"{}\".", name(&text("who")), text("room")),
        "participants" => participants(event),
        "message" => {
            let time = text("time").replacen('T', " ", 1).replacen('Z', "", 1);
            format!("[{time}] {} | {}: {}", text("room"), name(&text("sender")), text("text"))
        }
        // Who comes and goes is told by events of their own.
        "message-system" => return None,
        "message-error" => format!("! {}", plain(&text("text"))),
        "left" => format!("You left \"{}\".", text("room")),
        "dialog" => format!("! {}", [text("primary"), text("secondary")].join(" ").trim()),
        "question" => format!("? {} {} -> {}", text("primary"), text("secondary"), text("answer")),
        "connection-error" => format!("! Connection ended: {} ({})", text("text"), text("reason")),
        "command-error" => format!("! {}: {}", text("command"), text("message")),
        "im" => format!("{} (to you): {}", name(&text("sender")), text("text")),
        "signed-off" => "Signed off.".to_owned(),
        _ => return None,
    };
    Some(line)
}

fn state(event: &Value) -> Option<String> {
    let line = match event["state"].as_str()? {
        "groupchat-connected" => return Some(format!("Connected to the chat rooms. {COMMANDS}")),
        "groupchat-not-found" | "groupchat-disabled" => "! This server has no chat rooms.",
        "groupchat-connect-failed" | "groupchat-retry-later" => {
            "! The chat rooms cannot be reached; trying again later."
        }
        "authentication-failed" => "! The server refused the sign-on.",
        "bad-signature" => "! A message of the server was wrongly signed and was ignored.",
        _ => return None,
    };
    Some(line.to_owned())
}

fn room(event: &Value) -> String {
    let people = event["users"].as_i64().unwrap_or(0);
    let description = event["description"].as_str().unwrap_or_default();
    let dash = if description.is_empty() { "" } else { " - " };
    format!("  {}{dash}{description} ({people} here)", event["name"].as_str().unwrap_or_default())
}

fn participants(event: &Value) -> String {
    let users = event["users"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = users.iter().filter_map(|user| user["who"].as_str()).map(name).collect();
    format!("In \"{}\": {}", event["room"].as_str().unwrap_or_default(), names.join(", "))
}

/// A text without the markup the client puts around what it repeats.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        match tag.split_once('>') {
            Some((_, after)) => rest = after,
            None => {
                out.push('<');
                rest = tag;
            }
        }
    }
    out + rest
}

fn name(uri: &str) -> &str {
    uri.strip_prefix("sip:").unwrap_or(uri)
}
