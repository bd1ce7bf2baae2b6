//! Loading as a whole: where values come from and what wins; below, what is said when something is wrong, and what is shown.

mod problems;
mod shown;

use std::path::Path;

use super::*;

/// A folder with a copydesk.toml and other files, and sources that look there.
struct Folder(tempfile::TempDir, Sources);

fn folder(toml: &str) -> Folder {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("copydesk.toml"), toml).unwrap();
    let sources = Sources { folder: folder.path().to_owned(), ..Sources::default() };
    Folder(folder, sources)
}

impl Folder {
    fn with(mut self, environment: &[(&str, &str)], set: &[&str]) -> Folder {
        self.1.environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        self.1.set = set.iter().map(|s| (*s).to_owned()).collect();
        self
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn load(&self) -> Loaded {
        load(&self.1).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Key and message of each problem.
    fn problems(&self) -> Vec<String> {
        let problems = load(&self.1).expect_err("loads although it should not").0;
        problems.into_iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
    }

    fn problem(&self) -> String {
        let problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems[0].clone()
    }

    /// Everything that a user would see of the problems.
    fn report(&self) -> String {
        load(&self.1).expect_err("loads although it should not").to_string()
    }
}

#[test]
fn without_a_file_everything_is_at_its_default() {
    let empty = tempfile::tempdir().unwrap();
    let loaded = load(&Sources { folder: empty.path().to_owned(), ..Sources::default() }).unwrap();
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!((loaded.file, loaded.origins.len()), (None, 0));
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let file = "[run]\nmemory = \"64 MiB\"\ncommit_records = 10\nworkers = 1\n";
    let environment = [("COPYDESK__RUN__COMMIT_RECORDS", "20"), ("COPYDESK__RUN__WORKERS", "2"), ("HOME", "/root")];
    let loaded = folder(file).with(&environment, &["run.workers=3"]).load();
    let run = &loaded.settings.run;
    assert_eq!((run.workers, run.commit_records, run.memory), (Some(3), 20, 64 << 20));
    assert_eq!(run.watchdog, Run::default().watchdog);
    assert_eq!(loaded.origins["run.workers"], Location::Flag);
    assert_eq!(loaded.origins["run.commit_records"].to_string(), "COPYDESK__RUN__COMMIT_RECORDS");
    assert!(loaded.origins["run.memory"].to_string().ends_with("copydesk.toml:2"));
}

#[test]
fn the_file_is_the_named_one_else_that_of_the_environment_else_the_one_that_is_there() {
    let folder = folder("[kafka]\ngroup = \"here\"");
    for name in ["named", "variable"] {
        std::fs::write(folder.path().join(format!("{name}.toml")), format!("[kafka]\ngroup = \"{name}\"")).unwrap();
    }
    let group = |sources: &Sources| load(sources).unwrap().settings.kafka.group;
    let mut sources = folder.1.clone();
    assert_eq!(group(&sources), "here");
    sources.environment.insert("COPYDESK_CONFIG".into(), "variable.toml".into());
    assert_eq!(group(&sources), "variable");
    sources.file = Some("named.toml".into());
    assert_eq!(group(&sources), "named");
    sources.file = Some("absent.toml".into());
    assert!(load(&sources).unwrap_err().to_string().contains("absent.toml: cannot read this file"));
}

#[test]
fn values_of_every_kind_are_read() {
    let folder = folder(
        "[kafka]\nca_file = \"ca.pem\"\nsecurity = \"ssl\"\nstart = \"latest\"\n\
         [kafka.client]\n\"client.rack\" = \"a\"\nlinger.ms = 5\n\
         [run]\nreject_limit = \"off\"\nworkers = 4\n\
         [topics]\nreplication = 3\nretention = \"30d\"\n\
         [decode.fields]\nheadline = [\"title\", \"meta.title\"]\nbyline = \"author\"\n\
         [fetch]\nenabled = true\nallow = [\"intranet:8080\"]\nmax_packed = \"1 MB\"\n\
         [http]\nlisten = \"off\"\n[clean]\nmin_words = 0\n",
    );
    std::fs::write(folder.path().join("ca.pem"), "x").unwrap();
    let settings = folder.load().settings;
    assert_eq!(settings.kafka.ca_file, Some(folder.path().join("ca.pem")), "relative to the file");
    assert_eq!((settings.kafka.start, settings.kafka.security), (Start::Latest, Security::Ssl));
    assert_eq!(settings.kafka.client["client.rack"], "a");
    assert_eq!(settings.kafka.client["linger.ms"], "5");
    assert_eq!((settings.run.reject_limit, settings.run.workers), (None, Some(4)));
    assert_eq!((settings.topics.replication, settings.topics.retention.as_secs()), (Some(3), 30 * 86_400));
    assert_eq!(settings.decode.fields[&RawField::Headline], ["title", "meta.title"]);
    assert_eq!(settings.decode.fields[&RawField::Byline], ["author"]);
    assert_eq!(settings.decode.fields[&RawField::Id], ["id"], "others keep their default");
    assert_eq!((settings.fetch.enabled, settings.fetch.max_packed), (true, 1_000_000));
    assert_eq!(settings.fetch.allow, ["intranet:8080"]);
    assert_eq!((settings.http.listen, settings.clean.min_words), (None, 0));
}

#[test]
fn the_environment_reaches_every_kind_and_table() {
    let environment = [
        ("COPYDESK__KAFKA__BROKERS", "a:1,b:2"),
        ("COPYDESK__KAFKA__CLIENT__CLIENT_RACK", "b"),
        ("COPYDESK__DECODE__FIELDS__HEADLINE", "title, meta.title"),
        ("COPYDESK__FETCH__ENABLED", "true"),
        ("COPYDESK__RUN__WORKERS", "2"),
        ("COPYDESK__RUN__REJECT_LIMIT", "12.5%"),
        ("COPYDESK__HTTP__LISTEN", "127.0.0.1:0"),
        ("POD_NAME", "copydesk-7"),
        ("NOTIFY_SOCKET", "/run/systemd/notify"),
    ];
    let loaded = folder("").with(&environment, &[]).load();
    let settings = &loaded.settings;
    assert_eq!(settings.kafka.brokers, "a:1,b:2");
    assert_eq!(settings.kafka.client["client.rack"], "b");
    assert_eq!(settings.decode.fields[&RawField::Headline], ["title", "meta.title"]);
    assert_eq!((settings.fetch.enabled, settings.run.workers, settings.run.reject_limit), (true, Some(2), Some(0.125)));
    assert_eq!(settings.http.listen.map(|a| a.port()), Some(0));
    assert_eq!((settings.kafka.instance.as_deref(), settings.kafka.pod.as_deref()), (None, Some("copydesk-7")));
    assert_eq!(settings.run.notify_socket.as_deref(), Some("/run/systemd/notify"));
}

#[test]
fn secrets_come_from_files_and_the_nearer_source_wins() {
    let folder = folder("[kafka]\nsecurity = \"sasl_ssl\"\nusername = \"desk\"\npassword_file = \"secret\"\n");
    std::fs::write(folder.path().join("secret"), "from the file \r\n").unwrap();
    let revealed = |folder: &Folder| folder.load().settings.kafka.password.unwrap().reveal().to_owned();
    assert_eq!(revealed(&folder), "from the file ");
    let folder = folder.with(&[("COPYDESK__KAFKA__PASSWORD", "from outside")], &[]);
    assert_eq!(revealed(&folder), "from outside");
    assert!(!folder.load().origins.contains_key("kafka.password_file"));

    let both = self::folder(
        "[kafka]\nsecurity = \"sasl_ssl\"\nusername = \"d\"\npassword = \"x\"\npassword_file = \"secret\"\n",
    );
    std::fs::write(both.path().join("secret"), "y").unwrap();
    assert_eq!(both.problem(), "kafka.password_file: kafka.password is set too; keep one of them");
    std::fs::write(both.path().join("secret"), "\n").unwrap();
    assert!(both.problem().ends_with("secret is empty"));
    assert!(self::folder("[kafka]\npassword_file = \"absent\"").problems()[0].contains("cannot read"));
}
