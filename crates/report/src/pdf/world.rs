//! What the typesetter can see: the template, the fonts, the report.
//!
//! What must hold: everything is embedded in the program or handed in; asking
//! for anything else is "not found". Fonts are looked up in the order below, so
//! the choice of font never depends on the machine.

use std::collections::HashMap;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};

/// The files of the report's template; the first is the main one.
const TEMPLATE: [(&str, &str); 8] = [
    ("report.typ", include_str!("../../template/report.typ")),
    ("theme.typ", include_str!("../../template/theme.typ")),
    ("rich.typ", include_str!("../../template/rich.typ")),
    ("letter.typ", include_str!("../../template/letter.typ")),
    (
        "description.typ",
        include_str!("../../template/description.typ"),
    ),
    ("tests.typ", include_str!("../../template/tests.typ")),
    ("chart.typ", include_str!("../../template/chart.typ")),
    ("appendix.typ", include_str!("../../template/appendix.typ")),
];

/// The template of a sheet, which uses the report's theme.
const SHEET: (&str, &str) = ("sheet.typ", include_str!("../../template/sheet.typ"));

/// The embedded fonts, all under the SIL Open Font License.
const FONTS: [&[u8]; 7] = [
    include_bytes!("../../fonts/SourceSerif4_400Regular.ttf"),
    include_bytes!("../../fonts/SourceSerif4_400Regular_Italic.ttf"),
    include_bytes!("../../fonts/SourceSerif4_600SemiBold.ttf"),
    include_bytes!("../../fonts/Inter_400Regular.ttf"),
    include_bytes!("../../fonts/Inter_500Medium.ttf"),
    include_bytes!("../../fonts/Inter_600SemiBold.ttf"),
    include_bytes!("../../fonts/IBMPlexMono_400Regular.ttf"),
];

/// The files of the report's template and the fonts; a font goes by its place.
pub fn parts() -> Vec<(&'static str, &'static [u8])> {
    let template = TEMPLATE.iter().map(|(name, text)| (*name, text.as_bytes()));
    let fonts = FONTS.iter().map(|font| ("font", *font));
    template.chain(fonts).collect()
}

/// What does not change between reports.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let fonts: Vec<Font> = FONTS
        .iter()
        .flat_map(|font| Font::iter(Bytes::new(*font)))
        .collect();
    let mut book = FontBook::new();
    for font in &fonts {
        book.push(font.info().clone());
    }
    Shared {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(book),
        fonts,
    }
});

/// The fonts a character can be set in.
pub fn fonts() -> &'static [Font] {
    &SHARED.fonts
}

/// The world of one document.
pub struct PagesWorld {
    main: FileId,
    sources: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
}

impl PagesWorld {
    /// `main`: the file of the template to set; `data`: files it reads, by name.
    pub fn new<const N: usize>(main: &str, data: [(&str, String); N]) -> Self {
        let sources = TEMPLATE.iter().chain([&SHEET]).map(|(name, text)| {
            let id = file_id(name);
            (id, Source::new(id, (*text).to_owned()))
        });
        let files = data
            .into_iter()
            .map(|(name, text)| (file_id(name), Bytes::from_string(text)));
        Self {
            main: file_id(main),
            sources: sources.collect(),
            files: files.collect(),
        }
    }

    /// A message of the typesetter with its place in the template.
    pub fn describe(&self, diagnostic: &SourceDiagnostic) -> String {
        let mut text = diagnostic.message.to_string();
        if let Some(place) = self.place(diagnostic) {
            text.push_str(&format!(" ({place})"));
        }
        for hint in &diagnostic.hints {
            text.push_str(&format!("; {}", hint.v));
        }
        text
    }

    fn place(&self, diagnostic: &SourceDiagnostic) -> Option<String> {
        let id = diagnostic.span.id()?;
        let range = self.range(diagnostic.span)?;
        let line = self.sources.get(&id)?.lines().byte_to_line(range.start)?;
        Some(format!(
            "{}:{}",
            id.get().vpath().get_without_slash(),
            line + 1
        ))
    }
}

#[expect(
    clippy::expect_used,
    reason = "every name is a constant of this file and a valid path"
)]
fn file_id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("a file name is a path");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl World for PagesWorld {
    fn library(&self) -> &LazyHash<Library> {
        &SHARED.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHARED.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.get(&id).cloned().ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| not_found(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHARED.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
