//! The element names this program tells apart, as one byte each, and what the parser must know of them.
//!
//! Names outside the table are [`Tag::Other`]; they nest like `span`. Facts about elements are from the WHATWG HTML standard,
//! section 13; nothing here looks at a page.

macro_rules! tags {
    ($($tag:ident $name:literal)*) => {
        /// An element's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // each variant is the element of its name
        pub enum Tag { $($tag,)* /// Any other name; see `Document::name`.
            Other }

        impl Tag {
            /// How many tags there are, for tables indexed by tag.
            pub const COUNT: usize = Tag::Other as usize + 1;

            /// The tag of a lower-case name.
            #[allow(non_upper_case_globals)] // constants named as the variants are, to be matched against
            pub fn from_name(name: &[u8]) -> Tag {
                $(const $tag: &[u8] = $name.as_bytes();)*
                match name { $($tag => Tag::$tag,)* _ => Tag::Other }
            }

            /// The lower-case name; empty for [`Tag::Other`].
            pub fn name(self) -> &'static str {
                match self { $(Tag::$tag => $name,)* Tag::Other => "" }
            }
        }
    };
}

tags! {
    A "a" Abbr "abbr" Address "address" Area "area" Article "article" Aside "aside" Audio "audio" B "b" Base "base"
    Blockquote "blockquote" Body "body" Br "br" Button "button" Canvas "canvas" Caption "caption" Center "center" Cite "cite"
    Code "code" Col "col" Colgroup "colgroup" Dd "dd" Del "del" Details "details" Dialog "dialog" Dir "dir" Div "div" Dl "dl"
    Dt "dt" Em "em" Embed "embed" Fieldset "fieldset" Figcaption "figcaption" Figure "figure" Font "font" Footer "footer"
    Form "form" Frame "frame" Frameset "frameset" H1 "h1" H2 "h2" H3 "h3" H4 "h4" H5 "h5" H6 "h6" Head "head" Header "header"
    Hgroup "hgroup" Hr "hr" Html "html" I "i" Iframe "iframe" Img "img" Input "input" Ins "ins" Label "label" Legend "legend"
    Li "li" Link "link" Main "main" Map "map" Mark "mark" Math "math" Menu "menu" Meta "meta" Nav "nav" Nobr "nobr"
    Noembed "noembed" Noframes "noframes" Noscript "noscript" Object "object" Ol "ol" Optgroup "optgroup" Option "option" P "p"
    Param "param" Picture "picture" Pre "pre" Q "q" Rp "rp" Rt "rt" Ruby "ruby" S "s" Script "script" Search "search"
    Section "section" Select "select" Small "small" Source "source" Span "span" Strike "strike" Strong "strong" Style "style"
    Sub "sub" Summary "summary" Sup "sup" Svg "svg" Table "table" Tbody "tbody" Td "td" Template "template" Textarea "textarea"
    Tfoot "tfoot" Th "th" Thead "thead" Time "time" Title "title" Tr "tr" Track "track" Tt "tt" U "u" Ul "ul" Var "var"
    Video "video" Wbr "wbr" Xmp "xmp"
}

impl Tag {
    /// Elements that have no content and no end tag.
    pub fn is_void(self) -> bool {
        matches!(
            self,
            Tag::Area
                | Tag::Base
                | Tag::Br
                | Tag::Col
                | Tag::Embed
                | Tag::Frame
                | Tag::Hr
                | Tag::Img
                | Tag::Input
                | Tag::Link
                | Tag::Meta
                | Tag::Param
                | Tag::Source
                | Tag::Track
                | Tag::Wbr
        )
    }

    /// Elements whose content is text up to their end tag, whatever it looks like. `noscript` is not among them: without
    /// scripts, as here, its content is markup.
    pub fn is_raw(self) -> bool {
        matches!(
            self,
            Tag::Script
                | Tag::Style
                | Tag::Textarea
                | Tag::Title
                | Tag::Iframe
                | Tag::Xmp
                | Tag::Noembed
                | Tag::Noframes
        )
    }

    /// Raw elements in which character references count nevertheless.
    pub fn is_escapable_raw(self) -> bool {
        matches!(self, Tag::Textarea | Tag::Title)
    }

    /// `h1` to `h6`.
    pub fn is_heading(self) -> bool {
        self.heading_level().is_some()
    }

    /// 1 to 6 for `h1` to `h6`.
    pub fn heading_level(self) -> Option<u8> {
        match self {
            Tag::H1 => Some(1),
            Tag::H2 => Some(2),
            Tag::H3 => Some(3),
            Tag::H4 => Some(4),
            Tag::H5 => Some(5),
            Tag::H6 => Some(6),
            _ => None,
        }
    }

    /// Elements that start on a line of their own: their start ends an open `p`, and words on both sides are apart.
    pub fn is_block(self) -> bool {
        self.is_heading()
            || matches!(
                self,
                Tag::Address
                    | Tag::Article
                    | Tag::Aside
                    | Tag::Blockquote
                    | Tag::Center
                    | Tag::Details
                    | Tag::Dialog
                    | Tag::Dir
                    | Tag::Div
                    | Tag::Dl
                    | Tag::Fieldset
                    | Tag::Figcaption
                    | Tag::Figure
                    | Tag::Footer
                    | Tag::Form
                    | Tag::Header
                    | Tag::Hgroup
                    | Tag::Hr
                    | Tag::Main
                    | Tag::Menu
                    | Tag::Nav
                    | Tag::Ol
                    | Tag::P
                    | Tag::Pre
                    | Tag::Search
                    | Tag::Section
                    | Tag::Summary
                    | Tag::Table
                    | Tag::Ul
                    | Tag::Xmp
            )
    }

    /// Parts of lists, tables and forms: they break the line like a block, but do not end an open `p` by their start.
    fn is_part(self) -> bool {
        matches!(
            self,
            Tag::Li
                | Tag::Dd
                | Tag::Dt
                | Tag::Tr
                | Tag::Td
                | Tag::Th
                | Tag::Thead
                | Tag::Tbody
                | Tag::Tfoot
                | Tag::Caption
                | Tag::Colgroup
                | Tag::Option
                | Tag::Optgroup
                | Tag::Legend
                | Tag::Body
                | Tag::Html
                | Tag::Head
        )
    }

    /// True where words before and after the element's edge belong to different lines.
    pub fn breaks_line(self) -> bool {
        self.is_block() || self.is_part() || self == Tag::Br
    }

    /// Elements whose text a reader does not see, or sees beside the text: how a sign is read.
    pub fn is_unseen(self) -> bool {
        matches!(
            self,
            Tag::Script
                | Tag::Style
                | Tag::Noscript
                | Tag::Template
                | Tag::Iframe
                | Tag::Noembed
                | Tag::Noframes
                | Tag::Textarea
                | Tag::Svg
                | Tag::Math
                | Tag::Rt
                | Tag::Rp
        )
    }

    /// "Special" elements of the standard: an end tag of an inline element does not reach past one of them.
    pub(super) fn is_special(self) -> bool {
        self.is_block()
            || self.is_part()
            || matches!(self, Tag::Button | Tag::Object | Tag::Select | Tag::Template | Tag::Noscript)
    }

    /// Elements an end tag inside does not reach out of ("scope" in the standard).
    pub(super) fn is_scope(self) -> bool {
        matches!(self, Tag::Table | Tag::Td | Tag::Th | Tag::Caption | Tag::Object | Tag::Template)
    }

    /// Elements that may stand in a `head`; any other start tag ends an open head.
    pub(super) fn is_head_content(self) -> bool {
        matches!(
            self,
            Tag::Base
                | Tag::Link
                | Tag::Meta
                | Tag::Noscript
                | Tag::Noframes
                | Tag::Script
                | Tag::Style
                | Tag::Template
                | Tag::Title
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tags_go_both_ways() {
        for name in ["a", "h1", "blockquote", "figcaption", "xmp"] {
            assert_eq!(Tag::from_name(name.as_bytes()).name(), name);
        }
        assert_eq!(Tag::from_name(b"story-card"), Tag::Other);
        assert_eq!(Tag::H3.heading_level(), Some(3));
    }

    #[test]
    fn a_tag_is_one_byte() {
        assert_eq!(std::mem::size_of::<Tag>(), 1);
    }
}
