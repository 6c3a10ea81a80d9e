//! The run in one sentence, for those who hear the page.

use protocol::{RunLog, RunState};

use super::transport::TransportView;
use crate::view::draw::format;
use crate::view::instruments::verdict::{Tone, VerdictView};
use crate::view::upgrade::Upgrade;

/// Where the run stands and what is known of the upgrade.
pub fn sentence(log: &RunLog, upgrade: &Upgrade, playing: bool) -> String {
    let transport = TransportView::of(log, playing);
    let verdict = VerdictView::of(log, upgrade);
    let map = |query, gallery| log.latest_cell(query, gallery).map(|(cell, _)| format::points(cell.all.map));
    let mut text = transport.status;
    if log.state == RunState::Running && playing {
        text.push_str(&format!(", {} done", format::percent(transport.fraction)));
    }
    if let (Some(cross), Some(old)) = (map(upgrade.new, upgrade.old), map(upgrade.old, upgrade.old)) {
        text.push_str(&format!(". new/old mAP {cross}, old/old {old}"));
    }
    if verdict.tone != Tone::Waiting {
        text.push_str(&format!(". {}", verdict.headline));
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::testing::half_way;

    #[test]
    fn the_sentence_has_status_numbers_and_verdict() {
        assert_eq!(
            sentence(&half_way(), &Upgrade::to_stage(2), true),
            "Training v2, 50 % done. new/old mAP 45.0, old/old 40.0. So far above the status quo."
        );
        assert_eq!(sentence(&RunLog::default(), &Upgrade::to_stage(2), false), "Ready.");
    }
}
