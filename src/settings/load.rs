//! Puts the settings together: flag over environment over file over default. Every problem is found before anything is
//! connected, and all of them are reported at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::given::{self, Given, Origin};
use super::keys::{self, Access, Key};
use super::problem::{Location, Problem, Problems, Show};
use super::{Settings, check, unknown};

/// Where settings may come from. Tests fill it in; the program takes [`Sources::of_process`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The file named by `-c`.
    pub file: Option<PathBuf>,
    /// Environment variables: COPYDESK_CONFIG, COPYDESK__SECTION__KEY, POD_NAME, NOTIFY_SOCKET; others are passed over.
    pub environment: BTreeMap<String, String>,
    /// `section.key=value` of every `--set`.
    pub set: Vec<String>,
    /// The folder the program was started in: where ./copydesk.toml is looked for and relative paths start.
    pub folder: PathBuf,
}

impl Sources {
    /// The environment and folder of this process. The only place where settings are read from the environment.
    pub fn of_process(file: Option<PathBuf>, set: Vec<String>) -> Sources {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let environment = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
        Sources { file, environment, set, folder: PathBuf::new() }
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The file to read: `-c`, else COPYDESK_CONFIG, else ./copydesk.toml where there is one.
    fn path(&self) -> Option<PathBuf> {
        let named = self.file.clone().or_else(|| self.variable("COPYDESK_CONFIG").map(PathBuf::from));
        if let Some(path) = named {
            return Some(self.folder.join(path));
        }
        Some(self.folder.join("copydesk.toml")).filter(|path| path.is_file())
    }
}

/// Checked settings, and where each came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The file that was read; `None` where there was none.
    pub file: Option<PathBuf>,
    /// For every key that was given (`section.name`, or `section.table.member`) the location that won.
    pub origins: BTreeMap<String, Location>,
}

/// Loads and checks everything.
///
/// # Errors
/// Everything that is wrong, in the order of the file, then that of the environment and the flags.
pub fn load(sources: &Sources) -> Result<Loaded, Problems> {
    let file = sources.path();
    let mut problems = Vec::new();
    let mut given = file.as_deref().map(|path| given::file(path, &mut problems)).unwrap_or_default();
    let whole = problems.is_empty();
    given.extend(given::environment(&sources.environment, &sources.folder, &mut problems));
    given.extend(given::flags(&sources.set, &sources.folder, &mut problems));

    let mut draft =
        Draft { settings: Settings::default(), winners: BTreeMap::new(), problems, failed: BTreeSet::new() };
    given.iter().for_each(|given| draft.take(given));
    draft.look_around(sources);
    // What a damaged file wanted to say is not known, so what is missing from it is no contradiction.
    if whole {
        draft.check();
    }
    draft.done(file)
}

/// The settings while they are put together.
struct Draft<'g> {
    settings: Settings,
    winners: BTreeMap<String, &'g Given>,
    problems: Vec<Problem>,
    /// Keys whose value could not be read: what depends on them is not judged.
    failed: BTreeSet<String>,
}

impl<'g> Draft<'g> {
    /// Takes one value; a later one of the same key wins.
    fn take(&mut self, given: &'g Given) {
        if let Some(message) = unknown::message(given) {
            return self.problem(given.at_key(), &given.key, message);
        }
        let Some((key, member)) = keys::find(&given.key) else { return };
        if let Err(message) = self.apply(key, member, given) {
            self.problem(given.at_value(shown(key)), &given.key, message);
            self.failed.insert(given.key.clone());
        }
    }

    fn apply(&mut self, key: &Key, member: Option<&str>, given: &'g Given) -> Result<(), String> {
        if is_secret(key) && matches!(given.origin, Origin::Flag) {
            return Err("every user of the machine can read a command line; use a file or the environment".to_owned());
        }
        match (&key.access, member) {
            (Access::One { read, .. }, _) => read(&mut self.settings, &given.value)?,
            (Access::Each { read, .. }, member) => read(&mut self.settings, member.unwrap_or_default(), &given.value)?,
        }
        self.settle_twins(given)?;
        self.winners.insert(given.key.clone(), given);
        Ok(())
    }

    /// A secret and its `_file` are one setting: the later one wins, and one place may not give both.
    fn settle_twins(&mut self, given: &Given) -> Result<(), String> {
        let twin = given.key.strip_suffix("_file").map_or_else(|| format!("{}_file", given.key), str::to_owned);
        match self.winners.get(&twin) {
            Some(other) if same_place(&other.origin, &given.origin) => {
                Err(format!("{twin} is set too; keep one of them"))
            }
            _ => {
                self.winners.remove(&twin);
                Ok(())
            }
        }
    }

    /// What the surroundings say of this process: the pod's name, the service manager's socket.
    fn look_around(&mut self, sources: &Sources) {
        self.settings.run.notify_socket = sources.variable("NOTIFY_SOCKET").map(str::to_owned);
        self.settings.kafka.pod = sources.variable("POD_NAME").map(str::to_owned);
    }

    /// What is right by itself and does not fit together.
    fn check(&mut self) {
        for finding in check::all(&self.settings) {
            if finding.keys.iter().any(|key| self.failed.contains(*key)) {
                continue;
            }
            let given = finding.keys.iter().find_map(|key| self.winners.get(*key).map(|given| (*key, *given)));
            let (key, location) = match given {
                Some((key, given)) => (key, given.at_value(keys::find(key).map_or(Show::Key, |(key, _)| shown(key)))),
                None => (finding.keys[0], Location::Nowhere),
            };
            self.problem(location, key, finding.message);
        }
    }

    fn problem(&mut self, location: Location, key: &str, message: String) {
        self.problems.push(Problem { location, key: key.to_owned(), message });
    }

    fn done(mut self, file: Option<PathBuf>) -> Result<Loaded, Problems> {
        self.problems.sort_by_key(|problem| problem.location.order());
        if !self.problems.is_empty() {
            return Err(Problems(self.problems));
        }
        let origins: BTreeMap<String, Location> =
            self.winners.iter().map(|(key, given)| (key.clone(), given.at_key())).collect();
        Ok(Loaded { settings: self.settings, file, origins })
    }
}

fn same_place(a: &Origin, b: &Origin) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// Secrets are the keys whose value shows as `***`; their files are named in the clear.
fn is_secret(key: &Key) -> bool {
    matches!(key.name, "password" | "key_password")
}

/// How much of a line with a wrong value may be shown.
fn shown(key: &Key) -> Show {
    if is_secret(key) { Show::Key } else { Show::Line }
}
