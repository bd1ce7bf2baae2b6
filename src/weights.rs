//! The weights of the entity tagger: those of the program, or those of a file. The only place where such a file is read.

use std::path::Path;
use std::sync::Arc;

use crate::settings::{Extract, Meaning};
use crate::stage::meaning::entity::model::Model;

/// Largest weights file read. The training program writes at most 5 MB.
const MAX_FILE: u64 = 64 << 20;

/// The weights that the settings ask for; `None` where the text is not read for its meaning.
///
/// # Errors
/// Why the file is no weights file of this version.
pub fn of(settings: &Extract) -> Result<Option<Arc<Model>>, String> {
    match (settings.meaning, &settings.model) {
        (Meaning::Off, _) => Ok(None),
        (Meaning::On, Some(path)) => read(path).map(|model| Some(Arc::new(model))),
        (Meaning::On, None) => Model::embedded().map(|model| Some(Arc::new(model))).map_err(|error| error.to_string()),
    }
}

/// Reads a weights file.
///
/// # Errors
/// Why it is none that this version can use.
pub fn read(path: &Path) -> Result<Model, String> {
    let cannot = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    if std::fs::metadata(path).map_err(cannot)?.len() > MAX_FILE {
        return Err(format!("{} is larger than 64 MiB: this is no weights file", path.display()));
    }
    let bytes = std::fs::read(path).map_err(cannot)?;
    Model::read(bytes).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_choose_the_weights() {
        assert!(of(&Extract { meaning: Meaning::Off, model: None }).unwrap().is_none());
        let built_in = of(&Extract::default()).unwrap().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.model");
        std::fs::write(&path, include_bytes!("stage/data/names/entities.model")).unwrap();
        let own = of(&Extract { meaning: Meaning::On, model: Some(path.clone()) }).unwrap().unwrap();
        assert_eq!(own.name(), built_in.name());
        std::fs::write(&path, "no weights").unwrap();
        let refused = of(&Extract { meaning: Meaning::On, model: Some(path) }).unwrap_err();
        assert!(refused.ends_with("no weights file of copydesk"), "{refused}");
    }
}
