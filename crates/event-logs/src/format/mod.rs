//! The formats that are read, one module each.
//!
//! A format reads records from an [`Input`] and puts rows into a [`Sink`]. To add one: a module here, its name in
//! [`crate::recognise::Format`], how it is known in `recognise.rs`, and the line in [`reader_for`].

mod delimited;
pub(crate) mod evtx;
pub(crate) mod json;
pub(crate) mod windows_xml;

use crate::input::Input;
use crate::recognise::Recognised;
use crate::sink::Sink;

/// Reads the records of one format.
pub(crate) trait ReadRecords: Send {
    /// Reads as many records as the input holds whole and takes them from it. When the input [is the
    /// last](Input::is_last), everything is read, and what is no whole record is told.
    fn read(&mut self, input: &mut Input, sink: &mut Sink);
}

/// The reader for what was recognised; `None` for what is not read.
pub(crate) fn reader_for(recognised: &Recognised) -> Option<Box<dyn ReadRecords>> {
    match recognised {
        Recognised::Delimited(delimiter) => Some(Box::new(delimited::Delimited::new(*delimiter))),
        Recognised::Json(layout) => Some(Box::new(json::Json::new(*layout))),
        Recognised::WindowsXml => Some(Box::<windows_xml::WindowsXml>::default()),
        Recognised::Evtx => Some(Box::<evtx::Evtx>::default()),
        Recognised::Nothing(_) => None,
    }
}
