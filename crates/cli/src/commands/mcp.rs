//! `tickmark mcp`: answers an assistant about the workspace.
//!
//! What must hold: the workspace is opened for reading; standard output belongs
//! to the protocol, so nothing else is printed there.

use tickmark_catalog::Problem;
use tickmark_realm::{Moment, Realm, Result};
use tickmark_web::api::mcp::Tools;

use super::Session;

/// Answers until the other side ends.
///
/// # Errors
/// When the workspace cannot be read, or nobody speaks the protocol.
pub fn run(session: &Session, at: Option<Moment>) -> Result<u8> {
    let tools = Tools::open(session.open()?.expect(Realm::Company)?, at)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::new("the program cannot answer").cause(error.to_string()))?;
    runtime.block_on(tools.serve_stdio())?;
    Ok(0)
}
