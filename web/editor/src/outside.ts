// Changes made otherwise than by typing: each is a step of its own in the one history.
import { isolateHistory } from "@codemirror/commands";
import { Transaction, type TransactionSpec } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";

export function changeFromOutside(view: EditorView, changes: TransactionSpec["changes"]): void {
  view.dispatch({
    changes,
    annotations: [isolateHistory.of("full"), Transaction.userEvent.of("input.outside")],
  });
}
