//! Messages: everything that the program says, as data. The texts themselves are not here.
//!
//! Theory of operation. A [`Message`] is a name with typed arguments. The engine and the code that
//! changes something create messages. The `view` crate holds their texts in a catalogue, per
//! language and length, and a test there keeps the names and arguments of both sides equal.
//! Arguments hold what was observed (paths, numbers, other messages), rounded to what is displayed.
//! Two messages that would read the same are therefore equal, and a number that changes by less
//! than what is displayed does not count as a change. Names from outside stay as they are; they are
//! sanitised when they are put into a sentence.
//!
//! A [`MessageText`] is a message together with its text, which is empty until it is rendered. In
//! JSON it is `message`, `args` and, once rendered, `text`. A message that another version wrote
//! and that is not known here, or that is text only, is read as [`Message::Recorded`].
//!
//! This file has the macros that make an enum of messages. `args.rs` has what messages are made of,
//! `messages.rs` has each message, and `text.rs` a message with its text, in JSON.

/// Declares an enum of messages whose arguments have types of this module.
#[macro_export]
macro_rules! phrases {
    ($(#[$attribute:meta])* $visibility:vis enum $Enum:ident {
        $($(#[doc = $doc:literal])* $Name:ident $({ $($arg:ident: $Type:ty),+ $(,)? })? = $word:literal,)+
    }) => {
        $(#[$attribute])*
        #[expect(missing_docs, reason = "an argument's name and type say what it is")]
        #[derive(Clone, Debug, PartialEq, Eq)]
        $visibility enum $Enum { $($(#[doc = $doc])* $Name $({ $($arg: $Type),+ })?),+ }

        impl $Enum {
            /// All variants, without values.
            pub const SIGNATURES: &'static [$crate::message::Signature] = &[
                $($crate::message::Signature { name: $word, args: &[$($((stringify!($arg), stringify!($Type))),+)?] }),+
            ];
        }

        impl $crate::message::Localizable for $Enum {
            fn name(&self) -> &'static str {
                match self { $(Self::$Name { .. } => $word),+ }
            }

            fn each_arg<'a>(&'a self, give: &mut dyn FnMut(&'static str, $crate::message::Arg<'a>)) {
                match self {
                    $(Self::$Name $({ $($arg),+ })? => {
                        $($(give(stringify!($arg), $crate::message::Argument::arg($arg));)+)?
                    })+
                }
            }
        }
    };
}

/// Like `phrases!`, but the messages can also be read back from JSON.
macro_rules! messages {
    ($(#[$attribute:meta])* $visibility:vis enum $Enum:ident {
        $($(#[doc = $doc:literal])* $Name:ident $({ $($arg:ident: $Type:ty),+ $(,)? })? = $word:literal,)+
    }) => {
        phrases! {
            $(#[$attribute])* $visibility enum $Enum {
                $($(#[doc = $doc])* $Name $({ $($arg: $Type),+ })? = $word,)+
            }
        }

        impl $Enum {
            /// `None` if there is no message with that name and such arguments.
            pub(super) fn read(name: &str, args: &mut serde_json::Map<String, Value>) -> Option<Self> {
                let mut take = |arg: &str| args.remove(arg).unwrap_or(Value::Null);
                Some(match name {
                    $($word => Self::$Name $({ $($arg: Argument::read(take(stringify!($arg)))?),+ })?,)+
                    _ => return None,
                })
            }
        }
    };
}

mod args;
// Below the macros, which it uses.
mod messages;
#[cfg(feature = "testing")]
mod schema;
mod text;

pub use args::{
    About, Arg, Argument, Bytes, Client, CodePart, Cores, Count, Folder, Localizable, Location, Measured, Millis, Name,
    Number, OfCode, Process, Signature, Text, Times, Title, UndoOf, Verbatim,
};
pub use messages::{CauseMention, Message, OptionalMessage, SharedMessage};
pub use text::MessageText;
