//! Adding, changing and removing the records of a program with forms: risks,
//! vendors, commitments and what else stands in a register, controls and the
//! sections of the description.
//!
//! What must hold: only what was changed is written anew, so comments and order
//! of a file stay; a record that someone else changed meanwhile is not written
//! over; what was typed is never lost to an error; the entry is the one
//! `tickmark apply` writes.

mod registers;

use std::collections::BTreeMap;

use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use tickmark_access::Action;
use tickmark_catalog::{MalformedId, Problem, ReportType, Sha256Hex};
use tickmark_program::{
    Entered, Program, RecordId, RecordPlace, Values, description_findings, record_values,
    remove_record, set_record, set_sheet, set_tables, sheet_values, table_values,
};
use tickmark_realm::Edits;

use registers::{Register, Stands};

use crate::fault::{Answer, Fault};
use crate::form::{Field, Kind, Typed, received, typed};
use crate::format::url_part;
use crate::frame::{Shown, head};
use crate::guard::{again, see};
use crate::markdown;
use crate::parts::{self, Tone, icon};
use crate::picture::Recorded;
use crate::route::{Access, On, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

const EDITORS: Access = Access::May(Action::EditProgram, On::Company);

/// Who may change a control: who answers for it, too.
const OWNERS: Access = Access::May(Action::EditControl, On::Control);

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        get("/records/{register}", EDITORS, show),
        post("/records/{register}", EDITORS, save),
        get("/controls/{id}/edit", OWNERS, show_control),
        post("/controls/{id}/edit", OWNERS, save_control),
    ]
}

/// A link to the form of a new record, for who may add one.
///
/// `within`: the record it becomes part of.
pub fn add_link(visit: &Visit, register: &str, within: Option<&str>, text: &str) -> Markup {
    let within = within.map_or_else(String::new, |id| format!("?within={}", url_part(id)));
    link(visit, &format!("/records/{register}{within}"), "plus", text)
}

/// A link to the form of the organization, the system and the scope, for who may
/// change them.
pub fn settings_link(visit: &Visit, text: &str) -> Markup {
    link(visit, "/records/settings", "square-pen", text)
}

/// A link to the form of a record, for who may change it.
pub fn edit_link(visit: &Visit, register: &str, within: Option<&str>, id: &str) -> Markup {
    link(
        visit,
        &edit_href(register, within, id),
        "square-pen",
        t!("Edit"),
    )
}

/// The id of a record of a table, which leads to its form for who may change
/// it. It is the place an address with `#` leads to.
pub fn id_tag(visit: &Visit, register: &str, within: Option<&str>, id: &str) -> Markup {
    if !may_edit(visit) {
        return html! { span.tag id=(id) { (id) } };
    }
    html! { a.tag id=(id) href=(edit_href(register, within, id)) title=(t!("Edit")) { (id) } }
}

fn may_edit(visit: &Visit) -> bool {
    visit.may(Action::EditProgram) && visit.shows_past().is_none()
}

fn edit_href(register: &str, within: Option<&str>, id: &str) -> String {
    let within = within.map_or_else(String::new, |id| format!("&within={}", url_part(id)));
    format!("/records/{register}?id={}{within}", url_part(id))
}

fn link(visit: &Visit, href: &str, icon: &str, text: &str) -> Markup {
    html! { @if may_edit(visit) { (parts::button_link(href, icon, text)) } }
}

/// Which record of which register is asked for.
#[derive(Clone)]
struct Asked {
    register: &'static Register,
    id: Option<RecordId>,
    within: Option<RecordId>,
}

impl Asked {
    fn of(visit: &Visit) -> Answer<Self> {
        let name = visit.param("register");
        let known = registers::ALL.iter().find(|it| it.name == name);
        let id = |key: &str| {
            let asked = visit.asked(key).filter(|it| !it.is_empty());
            asked
                .map(str::parse)
                .transpose()
                .map_err(|_| Fault::NotFound)
        };
        let mut asked = Self {
            register: known.ok_or(Fault::NotFound)?,
            id: id("id")?,
            within: id("within")?,
        };
        match asked.register.stands {
            Stands::Tables { .. } => {
                // There is one of its kind, under whatever id.
                asked.id = Some(asked.register.name.parse().map_err(|_| Fault::NotFound)?);
                Ok(asked)
            }
            Stands::Listed {
                within: Some(_), ..
            } if asked.within.is_none() => Err(Fault::NotFound),
            _ => Ok(asked),
        }
    }

    fn control(visit: &Visit) -> Answer<Self> {
        Ok(Self {
            register: &registers::CONTROL,
            id: Some(visit.parsed("id")?),
            within: None,
        })
    }

    fn file(&self, id: &str) -> String {
        match self.register.stands {
            Stands::Listed { file, .. } | Stands::Tables { file } => file.to_owned(),
            Stands::Sheet { folder } => format!("{folder}/{id}.md"),
        }
    }

    /// Where it stands in a file of records; a file of its own has no place.
    fn place<'p>(&'p self, id: &'p str) -> Option<RecordPlace<'p>> {
        match self.register.stands {
            Stands::Listed { file, list, within } => Some(RecordPlace {
                file,
                list,
                key: "id",
                id,
                within: within.zip(self.within.as_ref().map(RecordId::as_str)),
            }),
            Stands::Sheet { .. } | Stands::Tables { .. } => None,
        }
    }

    fn is_only_one(&self) -> bool {
        matches!(self.register.stands, Stands::Tables { .. })
    }

    /// What the record says in the text of its file.
    fn values(&self, id: &str, text: &str) -> Result<Option<Values>, Problem> {
        match self.place(id) {
            Some(place) => record_values(text, &place),
            None if text.is_empty() => Ok(None),
            None if self.is_only_one() => table_values(&self.file(id), text).map(Some),
            None => {
                let (mut values, body) = sheet_values(&self.file(id), text)?;
                values.insert("body".to_owned(), Entered::Text(body));
                Ok(Some(values))
            }
        }
    }

    /// The text of the file with what was typed.
    fn changed(
        &self,
        id: &str,
        text: &str,
        fields: &[Field],
        typed: &Typed,
    ) -> Result<String, Problem> {
        let mut body = None;
        let mut values = Vec::new();
        for field in fields {
            let entered = field.entered(typed)?;
            match (&field.kind, entered) {
                (Kind::Body, Some(Entered::Text(text))) => {
                    body = Some(format!("{}\n", text.trim()))
                }
                (_, entered) => values.push((field.name, entered)),
            }
        }
        match self.place(id) {
            Some(place) => set_record(text, &place, &values),
            None if self.is_only_one() => set_tables(&self.file(id), text, &values),
            None => {
                if self.register.names_itself {
                    values.insert(0, ("id", Some(Entered::Text(id.to_owned()))));
                }
                set_sheet(&self.file(id), text, &values, body.as_deref())
            }
        }
    }

    fn removed(&self, id: &str, text: &str) -> Result<Option<String>, Problem> {
        match self.place(id) {
            Some(place) => remove_record(text, &place).map(Some),
            None if self.is_only_one() => {
                Err(Problem::new("a program has to say this").hint("change it instead"))
            }
            None => Ok(None),
        }
    }

    /// Where the form is.
    fn href(&self) -> String {
        let id = self.id.as_ref().map_or("", RecordId::as_str);
        if self.register.name == registers::CONTROL.name && self.id.is_some() {
            return format!("/controls/{id}/edit");
        }
        let within = self.within.as_ref().map_or("", RecordId::as_str);
        format!(
            "/records/{}?id={}&within={}",
            self.register.name,
            url_part(id),
            url_part(within)
        )
    }

    /// The page that shows a record.
    fn shown_at(&self, id: &str) -> String {
        let within = self.within.as_ref().map_or("", RecordId::as_str);
        (self.register.href)(&url_part(id), &url_part(within))
    }
}

/// A digest of what a record says, to notice that someone else changed it.
fn digest(values: Option<&Values>) -> String {
    let text = format!("{:?}", values.map(typed));
    Sha256Hex::of(text.as_bytes()).to_string()
}

async fn show(visit: Visit) -> Answer<Response> {
    begin(&visit, &Asked::of(&visit)?)
}

async fn show_control(visit: Visit) -> Answer<Response> {
    begin(&visit, &Asked::control(&visit)?)
}

async fn save(visit: Visit, Form(pairs): Form<Vec<(String, String)>>) -> Answer<Response> {
    let asked = Asked::of(&visit)?;
    take(&visit, asked, received(pairs)).await
}

async fn save_control(visit: Visit, Form(pairs): Form<Vec<(String, String)>>) -> Answer<Response> {
    let asked = Asked::control(&visit)?;
    take(&visit, asked, received(pairs)).await
}

/// The form as it opens.
fn begin(visit: &Visit, asked: &Asked) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let Some(id) = &asked.id else {
        let mut new = Typed::new();
        new.insert("id".to_owned(), vec![(asked.register.next)(recorded)]);
        new.insert("base".to_owned(), vec![digest(None)]);
        return Ok(page(visit, asked, &new, html! {}));
    };
    let values = known(visit, asked, id.as_str())?.ok_or(Fault::NotFound)?;
    let mut now = typed(&values);
    now.insert("base".to_owned(), vec![digest(Some(&values))]);
    Ok(page(visit, asked, &now, html! {}))
}

fn text_of(files: &BTreeMap<String, tickmark_program::RecordedFile>, path: &str) -> String {
    files.get(path).map_or(String::new(), |it| it.text.clone())
}

fn known(visit: &Visit, asked: &Asked, id: &str) -> Answer<Option<Values>> {
    let text = text_of(visit.picture()?.state.program.files(), &asked.file(id));
    Ok(asked.values(id, &text)?)
}

fn one<'t>(typed: &'t Typed, field: &str) -> &'t str {
    let all = typed.get(field).map(Vec::as_slice).unwrap_or_default();
    all.first().map_or("", |it| it.trim())
}

/// What was sent: recorded, or shown again with what it would change or what is
/// wrong with it.
async fn take(visit: &Visit, asked: Asked, typed: Typed) -> Answer<Response> {
    let done = match one(&typed, "then") {
        "preview" => preview(visit, &asked, &typed).await.map(Err),
        _ => record(visit, &asked, &typed).await.map(Ok),
    };
    match done {
        Ok(Ok(href)) => Ok(see(&href)),
        Ok(Err(above)) => Ok(page(visit, &asked, &typed, above)),
        Err(fault) => again(fault, |above| Ok(page(visit, &asked, &typed, above))),
    }
}

/// The id of the record, where it is new as typed.
fn id_of(asked: &Asked, typed: &Typed) -> Result<RecordId, Problem> {
    match &asked.id {
        Some(id) => Ok(id.clone()),
        None => one(typed, "id").parse().map_err(|error: MalformedId| {
            Problem::new(error.to_string()).hint("choose an id of that shape")
        }),
    }
}

async fn preview(visit: &Visit, asked: &Asked, typed: &Typed) -> Answer<Markup> {
    let recorded = visit.recorded()?;
    let id = id_of(asked, typed)?;
    let files = visit.picture()?.state.program.files();
    let path = asked.file(id.as_str());
    let before = text_of(files, &path);
    let after = asked.changed(id.as_str(), &before, &asked.fields(recorded), typed)?;
    let edits = Edits::from([(path, Some(after.clone()))]);
    let changes = super::edit::preview(visit, &edits, &before, &after).await?;
    let body = one(typed, "body");
    Ok(html! {
        (changes)
        @if !body.is_empty() { (parts::card(t!("How it reads"), html! {}, markdown::render(body))) }
        @if matches!(asked.register.stands, Stands::Sheet { folder: "description" }) { (wording(visit, &edits)?) }
    })
}

/// What the design checks would say of the sections that are changed.
fn wording(visit: &Visit, edits: &Edits) -> Answer<Markup> {
    let mut texts = visit.picture()?.state.program.texts();
    for (path, text) in edits {
        if let Some(text) = text {
            texts.insert(path.clone(), text.clone());
        }
    }
    let program = Program::parse(&texts)?;
    let found = description_findings(&program, ReportType::Type2);
    let of_these = found.iter().filter(|it| edits.contains_key(&it.place.file));
    Ok(
        html! { @for it in of_these { (parts::note(Tone::Warn, html! { (it.message) " " code { (it.place) } })) } },
    )
}

async fn record(visit: &Visit, asked: &Asked, typed: &Typed) -> Answer<String> {
    let id = id_of(asked, typed)?;
    let is_removal = one(typed, "then") == "remove";
    let fields = asked.fields(visit.recorded()?);
    let (actor, asked, typed) = (visit.actor()?, asked.clone(), typed.clone());
    let to = if is_removal {
        (asked.register.list)(asked.within.as_ref().map_or("", RecordId::as_str))
    } else {
        asked.shown_at(id.as_str())
    };
    visit
        .company()?
        .command(move |company| {
            let path = asked.file(id.as_str());
            let before = text_of(company.state().program.files(), &path);
            let values = asked.values(id.as_str(), &before)?;
            if digest(values.as_ref()) != one(&typed, "base") {
                return Err(meanwhile(&id, asked.id.is_none()).into());
            }
            let after = if is_removal {
                asked.removed(id.as_str(), &before)?
            } else {
                Some(asked.changed(id.as_str(), &before, &fields, &typed)?)
            };
            company.edit(&actor, &Edits::from([(path, after)]))
        })
        .await?;
    Ok(to)
}

fn meanwhile(id: &RecordId, is_new: bool) -> Problem {
    if is_new {
        Problem::new(format!("there is a `{id}` already")).hint("choose another id")
    } else {
        Problem::new(format!("`{id}` was changed by someone else meanwhile"))
            .hint("open the form anew and put your change into what it says now")
    }
}

impl Asked {
    fn fields(&self, recorded: &Recorded) -> Vec<Field> {
        (self.register.fields)(recorded)
    }
}

fn page(visit: &Visit, asked: &Asked, typed: &Typed, above: Markup) -> Response {
    let register = asked.register;
    let title = match &asked.id {
        Some(id) if !asked.is_only_one() => id.to_string(),
        _ => (register.title)().to_owned(),
    };
    let Ok(recorded) = visit.recorded() else {
        return crate::guard::see("/");
    };
    let id = asked.id.is_none().then(|| registers::id_field(register));
    let is_sheet = matches!(register.stands, Stands::Sheet { .. });
    let body = html! {
        (head(&title, html! { (t!("What you record here is the entry that tickmark apply writes.")) }, html! {}))
        (above)
        form.form.wide[is_sheet] method="post" action=(asked.href()) {
            input type="hidden" name="base" value=(one(typed, "base"));
            @if let Some(id) = id { (id.show(typed)) }
            @for field in asked.fields(recorded) { (field.show(typed)) }
            div.row.wrap {
                button.btn.primary type="submit" name="then" value="record" { (icon("check")) (t!("Record")) }
                button.btn type="submit" name="then" value="preview" { (icon("eye")) (t!("What would change")) }
                @if asked.id.is_some() && !asked.is_only_one() { button.btn.danger type="submit" name="then" value="remove" formnovalidate { (icon("trash-2")) (t!("Remove")) } }
            }
        }
    };
    let within = asked.within.as_ref().map_or("", RecordId::as_str);
    Shown::new(title, body)
        .below((register.list)(within), (register.listed)())
        .in_frame(visit)
}
