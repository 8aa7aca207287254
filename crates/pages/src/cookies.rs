//! Cookies: the one that a request shows by a name, and the line that sets one.

use axum::http::{HeaderMap, HeaderValue, header};

/// `Lax`, so that the link in an invitation opens the page of whoever is logged in.
pub fn set_cookie(
    name: &str,
    value: &str,
    path: &str,
    seconds: u32,
    is_secure: bool,
) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let line =
        format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&line).ok()
}

/// What the browser shows by a name; nothing when that is empty.
pub fn cookie<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs =
        lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(entry, _)| *entry == name)
        .map(|(_, value)| value)
        .find(|value| !value.is_empty())
}
