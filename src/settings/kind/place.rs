//! Addresses, files, and secrets that stand in files or are written out.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Kind, quoted, wrong_type};
use crate::settings::Secret;
use crate::settings::value::Value;

/// An address to listen on; with the host that a bare port is most likely meant for.
pub(in crate::settings) struct Address(pub &'static str);

impl Kind<SocketAddr> for Address {
    fn read(&self, value: &Value) -> Result<SocketAddr, String> {
        let text = value.text().ok_or_else(|| wrong_type(self, value))?.trim();
        let meant = match text.strip_prefix("localhost") {
            Some(port) => format!("127.0.0.1{port}"),
            None if text.starts_with(':') => format!("{}{text}", self.0),
            None => text.to_owned(),
        };
        match meant.parse() {
            Ok(address) if meant == text => Ok(address),
            Ok(_) => Err(format!("{text:?} names no address; write \"{meant}\"")),
            // It may carry a login.
            Err(_) if text.contains('@') => Err(format!("is no address to listen on; write {}", self.expects())),
            Err(_) => Err(format!("{text:?} is no address to listen on; write {}", self.expects())),
        }
    }

    fn show(&self, value: &SocketAddr) -> Option<String> {
        Some(quoted(&value.to_string()))
    }

    fn expects(&self) -> String {
        "an IP address and a port, such as \"127.0.0.1:9464\"".to_owned()
    }
}

/// A file that must be there; relative to the configuration file.
pub(in crate::settings) struct File(pub &'static str);

impl Kind<PathBuf> for File {
    fn read(&self, value: &Value) -> Result<PathBuf, String> {
        let path = value.path().ok_or_else(|| wrong_type(self, value))?;
        match std::fs::File::open(&path).and_then(|file| file.metadata()) {
            Ok(meta) if meta.is_file() => Ok(path),
            Ok(_) => Err(format!("{} is no file", path.display())),
            Err(error) => Err(format!("cannot read {}: {error}", path.display())),
        }
    }

    fn show(&self, value: &PathBuf) -> Option<String> {
        Some(quoted(&value.display().to_string()))
    }

    fn expects(&self) -> String {
        format!("the path of a file, such as {}", self.example())
    }

    fn example(&self) -> String {
        quoted(self.0)
    }
}

/// A folder that is there or can be made; relative to the configuration file.
pub(in crate::settings) struct Folder(pub &'static str);

impl Kind<PathBuf> for Folder {
    fn read(&self, value: &Value) -> Result<PathBuf, String> {
        let path = value.path().ok_or_else(|| wrong_type(self, value))?;
        if path.exists() && !path.is_dir() { Err(format!("{} is no folder", path.display())) } else { Ok(path) }
    }

    fn show(&self, value: &PathBuf) -> Option<String> {
        Some(quoted(&value.display().to_string()))
    }

    fn expects(&self) -> String {
        format!("the path of a folder, such as {}", self.example())
    }

    fn example(&self) -> String {
        quoted(self.0)
    }
}

/// A weights file of the entity tagger that this program can use; relative to the configuration file.
pub(in crate::settings) struct Weights(pub &'static str);

impl Kind<PathBuf> for Weights {
    fn read(&self, value: &Value) -> Result<PathBuf, String> {
        let path = File(self.0).read(value)?;
        crate::weights::read(&path).map(|_| path)
    }

    fn show(&self, value: &PathBuf) -> Option<String> {
        File(self.0).show(value)
    }

    fn expects(&self) -> String {
        Kind::<PathBuf>::expects(&File(self.0))
    }

    fn example(&self) -> String {
        quoted(self.0)
    }
}

/// A secret. Its value is never part of a message.
pub(in crate::settings) struct Hidden;

impl Kind<Secret> for Hidden {
    fn read(&self, value: &Value) -> Result<Secret, String> {
        let text = value.text().ok_or_else(|| wrong_type(self, value))?;
        if text.is_empty() { Err("empty".to_owned()) } else { Ok(Secret::new(text)) }
    }

    fn show(&self, _: &Secret) -> Option<String> {
        Some(quoted("***"))
    }

    fn expects(&self) -> String {
        "text".to_owned()
    }

    fn example(&self) -> String {
        quoted("***")
    }
}

/// A secret in a file of its own; one line break at its end does not belong to it.
pub(in crate::settings) struct HiddenFile(pub &'static str);

impl Kind<Secret> for HiddenFile {
    fn read(&self, value: &Value) -> Result<Secret, String> {
        let path = File(self.0).read(value)?;
        let text =
            std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let secret = text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t));
        if secret.is_empty() {
            return Err(format!("{} is empty", path.display()));
        }
        Ok(Secret::new(secret))
    }

    fn show(&self, _: &Secret) -> Option<String> {
        None
    }

    fn expects(&self) -> String {
        Kind::<PathBuf>::expects(&File(self.0))
    }

    fn example(&self) -> String {
        quoted(self.0)
    }
}
