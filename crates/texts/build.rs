//! Makes Rust of the catalogues: one static table a file of `languages/`, and a method or a field a
//! text of the English one.
//!
//! So a text that is not there cannot be named, a placeholder cannot be forgotten, and a table is
//! ready when the program starts. A language that lacks a text has the English one here, so that
//! work on a page can go on; the tests refuse it.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What everybody reads whose language there is not.
const FALLBACK: &str = "en";
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

struct Catalogue {
    tag: String,
    texts: Table,
}

#[allow(clippy::print_stdout, reason = "Cargo reads it")]
fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=languages");
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("languages");
    let code = generated_code(&folder)?;
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("texts.rs"), code)?;
    Ok(())
}

/// The tables of all files of a folder.
pub fn generated_code(folder: &Path) -> Outcome<String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut catalogues = files.iter().map(|path| read(path)).collect::<Outcome<Vec<_>>>()?;
    let at = catalogues.iter().position(|catalogue| catalogue.tag == FALLBACK);
    let english = catalogues.remove(at.ok_or("there is no languages/en.toml")?);
    let mut code = String::new();
    write_struct(&mut code, "UiTexts", &english, "pages")?;
    write_struct(&mut code, "MailTexts", &english, "mail")?;
    catalogues.insert(0, Catalogue { tag: english.tag.clone(), texts: english.texts.clone() });
    let names: Vec<_> = catalogues.iter().map(|one| format!("&{}", constant(&one.tag))).collect();
    writeln!(code, "/// All languages; the first is for everybody else.")?;
    writeln!(code, "pub static LANGUAGES: [&Language; {}] = [", names.len())?;
    writeln!(code, "{}];", names.join(", "))?;
    for catalogue in &catalogues {
        write_table(&mut code, catalogue, &english)?;
    }
    Ok(code)
}

fn read(path: &Path) -> Outcome<Catalogue> {
    let shown = path.display();
    let texts: Table = std::fs::read_to_string(path)?
        .parse()
        .map_err(|error| format!("{shown} is no TOML: {error}"))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let tag = text_of(&texts, "language", "tag").unwrap_or_default();
    if tag != stem {
        return Err(format!("{shown}: the tag of [language] must be \"{stem}\"").into());
    }
    Ok(Catalogue { tag: tag.to_owned(), texts })
}

fn text_of<'table>(texts: &'table Table, section: &str, key: &str) -> Option<&'table str> {
    texts.get(section)?.get(key)?.as_str()
}

fn section<'table>(catalogue: &'table Catalogue, name: &str) -> Outcome<&'table Table> {
    let lacking = || format!("languages/{}.toml has no section [{name}]", catalogue.tag);
    Ok(catalogue.texts.get(name).and_then(Value::as_table).ok_or_else(lacking)?)
}

/// The names in single braces, in the order of the English sentence.
fn placeholders(text: &str) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let names = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    names.filter(|name| !name.is_empty() && seen.insert(*name)).collect()
}

/// The type with a field or method for each text.
fn write_struct(code: &mut String, name: &str, english: &Catalogue, part: &str) -> Outcome<()> {
    let texts = section(english, part)?;
    writeln!(code, "/// The texts of a language, section `[{part}]`.\n#[derive(Debug)]")?;
    writeln!(code, "pub struct {name} {{")?;
    if part == "pages" {
        writeln!(code, "    locale: &'static str,")?;
    }
    for (key, value) in texts {
        match value {
            Value::String(text) if part == "mail" || placeholders(text).is_empty() => {
                writeln!(code, "    /// {}\n    pub {key}: &'static str,", comment(text))?;
            }
            Value::String(_) => writeln!(code, "    {key}: &'static str,")?,
            _ => writeln!(code, "    {key}: PluralText,")?,
        }
    }
    writeln!(code, "}}\nimpl {name} {{")?;
    for (key, value) in texts {
        match value {
            Value::String(text) if part == "mail" || placeholders(text).is_empty() => {}
            Value::String(text) => write_method(code, key, text, false)?,
            Value::Table(forms) => {
                let other = forms.get("other").and_then(Value::as_str).unwrap_or_default();
                write_method(code, key, other, true)?;
            }
            _ => return Err(format!("{part}.{key} is neither a text nor a plural").into()),
        }
    }
    writeln!(code, "}}")?;
    Ok(())
}

fn write_method(code: &mut String, key: &str, text: &str, is_plural: bool) -> Outcome<()> {
    let names = placeholders(text);
    let arguments: Vec<_> =
        names.iter().map(|name| format!("{name}: impl ::std::fmt::Display")).collect();
    let values: Vec<_> = names.iter().map(|name| format!("(\"{name}\", &{name})")).collect();
    writeln!(code, "    /// {}\n    #[must_use]", comment(text))?;
    writeln!(code, "    pub fn {key}(&self, {}) -> String {{", arguments.join(", "))?;
    if is_plural {
        writeln!(code, "        let (form, n) = self.{key}.of(self.locale, &n);")?;
    } else {
        writeln!(code, "        let form = self.{key};")?;
    }
    writeln!(code, "        crate::fill(form, &[{}])\n    }}", values.join(", "))?;
    Ok(())
}

fn comment(text: &str) -> String {
    format!("`{}`", text.lines().next().unwrap_or_default())
}

fn constant(tag: &str) -> String {
    tag.to_uppercase().replace('-', "_")
}

fn write_table(code: &mut String, catalogue: &Catalogue, english: &Catalogue) -> Outcome<()> {
    let about = |key: &str| -> Outcome<String> {
        let lacking = || format!("languages/{}.toml lacks {key} in [language]", catalogue.tag);
        Ok(format!("{:?}", text_of(&catalogue.texts, "language", key).ok_or_else(lacking)?))
    };
    let also = section(catalogue, "language")?.get("also").and_then(Value::as_array);
    let also: Vec<_> = also
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|tag| format!("{tag:?}"))
        .collect();
    writeln!(code, "static {}: Language = Language {{", constant(&catalogue.tag))?;
    for key in ["tag", "locale", "name", "english", "dir"] {
        writeln!(code, "    {key}: {},", about(key)?)?;
    }
    writeln!(code, "    also: &[{}],", also.join(", "))?;
    for (part, name) in [("pages", "UiTexts"), ("mail", "MailTexts")] {
        writeln!(code, "    {part}: {name} {{")?;
        if part == "pages" {
            writeln!(code, "        locale: {},", about("locale")?)?;
        }
        let own = section(catalogue, part)?;
        for (key, original) in section(english, part)? {
            let value = own.get(key).unwrap_or(original);
            writeln!(code, "        {key}: {},", literal(value, original)?)?;
        }
        writeln!(code, "    }},")?;
    }
    writeln!(code, "    script: {:?},\n}};", script(catalogue, english)?)?;
    Ok(())
}

/// A text or a plural as Rust writes it. What has another form than in English is as in English.
fn literal(value: &Value, original: &Value) -> Outcome<String> {
    match (value, original) {
        (Value::String(text), Value::String(_)) => Ok(format!("{text:?}")),
        (Value::Table(forms), Value::Table(_)) => {
            let form = |category: &&str| {
                let text = forms.get(*category).and_then(Value::as_str).unwrap_or_default();
                format!("{text:?}")
            };
            let forms: Vec<_> = CATEGORIES.iter().map(form).collect();
            Ok(format!("PluralText([{}])", forms.join(", ")))
        }
        (_, Value::Table(_) | Value::String(_)) => literal(original, original),
        _ => Err("a text is a string or a table of plural categories".into()),
    }
}

/// The texts of the scripts as the JSON that a page hands over.
fn script(catalogue: &Catalogue, english: &Catalogue) -> Outcome<String> {
    let own = section(catalogue, "script")?;
    let texts = section(english, "script")?.iter().map(|(key, original)| {
        let value = own.get(key).filter(|value| value.same_type(original)).unwrap_or(original);
        Ok((key.clone(), json(value)?))
    });
    let texts = texts.collect::<Outcome<serde_json::Map<_, _>>>()?;
    Ok(serde_json::to_string(&texts)?)
}

fn json(value: &Value) -> Outcome<serde_json::Value> {
    match value {
        Value::String(text) => Ok(text.as_str().into()),
        Value::Table(forms) => {
            let forms = forms.iter().map(|(category, text)| Ok((category.clone(), json(text)?)));
            Ok(serde_json::Value::Object(forms.collect::<Outcome<_>>()?))
        }
        _ => Err("a text is a string or a table of plural categories".into()),
    }
}
