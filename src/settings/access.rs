//! What a key is, and how it reaches its field of [`Settings`]: read from a value, shown as a literal. Which keys there are says
//! the table in `keys`.

use super::Settings;
use super::kind::Kind;
use super::value::Value;

/// A `[section]` of the file.
pub(super) struct Section {
    pub name: &'static str,
    pub doc: &'static str,
    pub keys: &'static [Key],
}

/// One key of a section.
pub(super) struct Key {
    pub section: &'static str,
    pub name: &'static str,
    /// Lines as in the source, each with its leading blank.
    pub doc: &'static [&'static str],
    pub access: Access,
}

/// How a key reaches its field.
pub(super) enum Access {
    /// One value.
    One {
        read: fn(&mut Settings, &Value) -> Result<(), String>,
        /// A TOML literal, secrets masked; `None` when not set.
        show: fn(&Settings) -> Option<String>,
        /// Smallest and largest value, where there are bounds.
        range: fn() -> Option<String>,
        /// A literal for the reference file where the default is "not set".
        example: fn() -> String,
    },
    /// A table with members of its own.
    Each {
        read: fn(&mut Settings, &str, &Value) -> Result<(), String>,
        /// Name and TOML literal of each member.
        show: fn(&Settings) -> Vec<(String, String)>,
        /// Why there can be no such member; `None` when there can.
        refuse: fn(&str) -> Option<String>,
        /// A member with a value, for the reference file where the default is an empty table.
        example: fn() -> &'static str,
    },
}

impl Key {
    /// `section.name`
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }
}

/// One key of the table.
macro_rules! key {
    ([$section:ident $name:ident $($doc:literal)+] one $kind:expr) => {
        key!([$section $name $($doc)+] as $name one $kind)
    };
    ([$section:ident $name:ident $($doc:literal)+] as $field:ident one $kind:expr) => {
        Key {
            section: stringify!($section),
            name: stringify!($name),
            doc: &[$($doc),+],
            access: Access::One {
                read: |settings, value| {
                    settings.$section.$field = $kind.read(value)?;
                    Ok(())
                },
                show: |settings| $kind.show(&settings.$section.$field),
                range: || typed(&$kind, |s| &s.$section.$field).range(),
                example: || typed(&$kind, |s| &s.$section.$field).example(),
            },
        }
    };
    ([$section:ident $name:ident $($doc:literal)+] each $table:expr) => {
        Key {
            section: stringify!($section),
            name: stringify!($name),
            doc: &[$($doc),+],
            access: Access::Each {
                read: |settings, member, value| $table.read(&mut settings.$section.$name, member, value),
                show: |settings| $table.show(&settings.$section.$name),
                refuse: |member| $table.refuse(member),
                example: || $table.example(),
            },
        }
    };
}

/// `name: kind` is a value, `name => field: kind` one that is kept in a field of another name, `name in table` a table.
macro_rules! sections {
    ($( #[doc = $about:literal] $section:ident {
        $( $(#[doc = $doc:literal])+ $name:ident $(=> $field:ident)? $(: $kind:expr)? $(, in $table:expr)?; )+
    } )+) => {
        /// Every section, in the order of the reference file.
        pub(super) static SECTIONS: &[Section] = &[$(
            Section {
                name: stringify!($section),
                doc: $about,
                keys: &[$( key!([$section $name $($doc)+] $(as $field)? $(one $kind)? $(each $table)?) ),+],
            }
        ),+];
    };
}

/// Takes the type of the field for the kind, where the kind alone does not tell.
pub(super) fn typed<'k, T, K: Kind<T>>(kind: &'k K, _field: fn(&Settings) -> &T) -> Typed<'k, T, K> {
    Typed(kind, std::marker::PhantomData)
}

/// A kind and the type it is used for.
pub(super) struct Typed<'k, T, K>(&'k K, std::marker::PhantomData<T>);

impl<T, K: Kind<T>> Typed<'_, T, K> {
    pub fn range(&self) -> Option<String> {
        self.0.range()
    }

    pub fn example(&self) -> String {
        self.0.example()
    }
}

pub(super) use {key, sections};
