//! Identities of policies and settings, and texts with wildcards: reading them, and what they stand for here.
//! Which one is in force is said by `chat`.

use chat::{ScopeName, folded};

use crate::errand::Errand;
use crate::error::{AdminError, of_field};

/// Longest pattern in characters (ours: as the names it is held against).
const PATTERN_CHARS_MAX: usize = 256;

/// The identity of this text, which stands in this field.
pub(crate) fn read(field: &str, text: &str) -> Result<ScopeName, AdminError> {
    let scope = ScopeName::parse(text).map_err(of_field(field))?;
    match &scope {
        // Written without its `tag:` it would be another one.
        ScopeName::Tag(name) if name.eq_ignore_ascii_case("global") => {
            let message = format!("'{text}' cannot be the name of a policy, because global is everybody's");
            Err(AdminError::invalid(field, message))
        }
        _ => Ok(scope),
    }
}

/// The identity as patterns see it: with `tag:` before the name of a policy that is granted.
fn whole(scope: &ScopeName) -> String {
    match scope {
        ScopeName::Tag(name) => format!("tag:{name}"),
        _ => scope.to_string(),
    }
}

/// Whether an identity is like a pattern, with or without its `tag:`.
pub(crate) fn is_like(pattern: &str, scope: &ScopeName) -> bool {
    let pattern = folded(pattern);
    matches(&pattern, &folded(&whole(scope))) || matches(&pattern, &scope.folded())
}

/// A pattern that stands in this field, as it is held against keys.
pub(crate) fn pattern(field: &str, text: &str) -> Result<String, AdminError> {
    let length = text.chars().count();
    if length > PATTERN_CHARS_MAX {
        let message =
            format!("the pattern has {length} characters: at most {PATTERN_CHARS_MAX} are looked for");
        return Err(AdminError::invalid(field, message));
    }
    Ok(folded(text.trim()))
}

/// Whether a text is like a pattern, in which `*` stands for any characters and `?` for one. Takes at most as many steps as
/// both are long, multiplied.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // Where the last star stands, and up to where it has taken the text.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                seen = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// What to say of an identity under which nothing of this pool lies.
pub(crate) fn elsewhere(errand: &Errand<'_>, scope: &ScopeName) -> Option<String> {
    let identity = errand.store.identity();
    let (what, own) = match scope {
        ScopeName::Site(name) if folded(name) != folded(&identity.site) => ("site", &identity.site),
        ScopeName::Pool(name) if !name.eq_ignore_ascii_case(&identity.pool_name) => {
            ("pool", &identity.pool_name)
        }
        _ => return None,
    };
    Some(format!("{scope} applies to nobody here: the {what} of this server is called {own}"))
}

/// Why the one of this identity is in force and none before it.
pub(crate) fn because(errand: &Errand<'_>, scope: &ScopeName, whom: &str) -> String {
    let identity = errand.store.identity();
    match scope {
        ScopeName::Tag(_) => format!("it is granted to {whom}"),
        ScopeName::Pool(pool) => {
            format!("it is the one for the pool {pool}, and nothing more specific applies")
        }
        ScopeName::Site(site) => {
            format!(
                "it is the one for the site {site} of the pool {}, which has none of its own",
                identity.pool_name
            )
        }
        ScopeName::Global => format!(
            "it is everybody's: neither the pool {} nor its site {} has one of its own",
            identity.pool_name, identity.site
        ),
    }
}
