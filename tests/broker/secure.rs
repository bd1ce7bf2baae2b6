//! TLS, logins and rights on a broker that has them: each good way in delivers, each bad one is said for what it is.

mod denied;
mod matrix;
mod way;
