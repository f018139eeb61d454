//! Pictures, exports and what else is made of the newest result: with pauses, and called off by a newer run.

use detection::{ExportFailure, RunFailure, Session, TimelineRequest};

use super::pace::Rhythm;
use crate::protocol::{Request, Response};

/// Whether a request is answered here. Of an older result nobody wants it.
pub(super) fn is_asked(request: &Request) -> bool {
    matches!(
        request,
        Request::Timeline { .. } | Request::Histogram { .. } | Request::Target { .. } | Request::Export { .. }
    )
}

/// Answers a request that [`is_asked`] here.
pub(super) async fn answer(asked: Request, session: &mut Session, rhythm: &Rhythm) -> Response {
    rhythm.begin(|_| {});
    let answer = match asked {
        Request::Timeline { bars } => {
            Ok(Response::Timeline(Box::new(session.timeline(&TimelineRequest { range: None, bars }))))
        }
        Request::Histogram { literal } => {
            session.histogram(literal, rhythm).await.map(|found| Response::Histogram(found.map(Box::new)))
        }
        Request::Target { target } => Ok(Response::Target(Box::new(session.target_report(target)))),
        Request::Export { request } => match session.export(request, rhythm).await {
            Ok(file) => Ok(Response::Exported(Ok(file))),
            Err(ExportFailure::Impossible(why)) => Ok(Response::Exported(Err(why))),
            Err(ExportFailure::Cancelled) => Err(RunFailure::Cancelled),
        },
        _ => Err(RunFailure::Cancelled),
    };
    rhythm.end();
    answer.unwrap_or(Response::CalledOff)
}
