//! What helps to tune the rule, worked out with pauses from the newest result: a newer run calls it off.

use detection::{RunFailure, Session};

use super::pace::Rhythm;
use crate::protocol::{CompareRequest, ComparedAnswer, Request, Response, Side};

/// Whether a request is answered here. Of an older result nobody wants it.
pub(super) fn is_asked(request: &Request) -> bool {
    matches!(request, Request::NearMisses { .. } | Request::Contributions | Request::Compare(_) | Request::Tuning(_))
}

/// Answers a request that [`is_asked`] here.
pub(super) async fn answer(asked: Request, session: &mut Session, rhythm: &Rhythm) -> Response {
    rhythm.begin(|_| {});
    let answer = match asked {
        Request::NearMisses { failed } => session.near_misses(failed, rhythm).await.map(Response::NearMisses),
        Request::Contributions => Ok(Response::Contributions(session.contributions())),
        Request::Compare(CompareRequest { text, role }) => {
            let compared = match role {
                Side::Older => session.compare_with(&text, rhythm).await,
                Side::Newer => session.preview(&text, rhythm).await,
            };
            compared.map(|comparison| {
                let rows = comparison.gained.iter().chain(&comparison.lost).filter_map(|row| row.record);
                let labels = rows.filter_map(|row| Some((row, session.label(row)?))).collect();
                Response::Compared(Box::new(ComparedAnswer { comparison, labels }))
            })
        }
        Request::Tuning(asked) => session.tuning(&asked, rhythm).await.map(|tuning| Response::Tuning(Box::new(tuning))),
        _ => Err(RunFailure::Cancelled),
    };
    rhythm.end();
    answer.unwrap_or(Response::CalledOff)
}
