//! Closed sets: an enum, the list of its values and their names, written once, so that none of the three can lag behind.
//!
//! It must not say what a value means: who matches on one decides, and the compiler names whoever forgets a new one.

/// Declares a closed set: the enum, all its values and their names, once.
macro_rules! closed {
    ($(#[$doc:meta])* pub enum $set:ident { $($(#[$value_doc:meta])* $value:ident = $name:literal),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $(#[$doc])*
        pub enum $set { $($(#[$value_doc])* $value),+ }

        impl $set {
            /// Every value, in the order in which people meet them.
            pub const ALL: [$set; [$($name),+].len()] = [$($set::$value),+];

            /// The name in metrics, headers, records and settings.
            pub fn name(self) -> &'static str {
                match self { $($set::$value => $name),+ }
            }
        }
    };
}
pub(crate) use closed;
