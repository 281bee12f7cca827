//! The page's few icons, drawn with one stroke width.

use leptos::prelude::*;

/// Which icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Logo,
    Open,
    Folder,
    Paste,
    Undo,
    Redo,
    Theme,
    Shield,
    Close,
    More,
    Panel,
    Raw,
    Help,
    Download,
    Warning,
    Check,
    Reset,
    Copy,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Logo => "M2.5 3.5h15M3.5 16.5h13M5.5 6v8M10 6v8M14.5 6v8",
            Self::Open => "M4 16.5h12M10 13V3.5M6 7.5l4-4 4 4",
            Self::Folder => "M2.5 15.5v-11h5l2 2.5h8v8.5z",
            Self::Paste => "M7 4.5H4.5v12h11v-12H13M7 3.5h6v3H7z",
            Self::Undo => "M7 4L3.5 7.5 7 11M3.5 7.5H12a4.25 4.25 0 010 8.5H8",
            Self::Redo => "M13 4l3.500 3.500L13 11M16.500 7.500H8a4.250 4.250 0 000 8.500h4",
            Self::Theme => "M10 3.500a6.500 6.500 0 100 13zM10 3.500a6.500 6.500 0 010 13",
            Self::Shield => "M10 2.500l6 2.200v4.800c0 4-2.600 6.600-6 8-3.400-1.400-6-4-6-8V4.700zM7.300 9.800l2 2 3.600-3.800",
            Self::Close => "M5 5l10 10M15 5L5 15",
            Self::More => "M5 8l5 5 5-5",
            Self::Panel => "M2.500 4h15v12h-15zM12.500 4v12",
            Self::Raw => "M3 5h14M3 10h9M3 15h12",
            Self::Help => {
                "M10 17.500a7.500 7.500 0 100-15 7.500 7.500 0 000 15zM7.800 7.800a2.200 2.200 0 113.200 2c-.7.400-1 .8-1 1.600M10 13.800v.2"
            }
            Self::Download => "M4 16.500h12M10 3.500V13M6 9l4 4 4-4",
            Self::Warning => "M10 3.500l7.500 13h-15zM10 8.500v3.500M10 14v.3",
            Self::Check => "M4 10.500l4 4 8-9",
            Self::Reset => "M4 4v4h4M4.500 8A6.300 6.300 0 1110 16.300",
            Self::Copy => "M7 7h9.500v9.500H7zM13 7V3.500H3.500V13H7",
        }
    }
}

/// An icon the height of its text; hidden from screen readers, for the words are beside it.
#[component]
pub fn Sign(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}
