// Colours come from our engine's lexer, as ranges with a class; there is no second grammar here.
import { StateEffect, StateField, type Extension, type TransactionSpec } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";
import type { Highlight } from "./api";
import type { Offsets } from "./offsets";

const replaceHighlights = StateEffect.define<DecorationSet>();

// Between a keystroke and the engine's answer the old ranges move with the text; a token typed on keeps its colour.
const highlightField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(ranges, transaction) {
    for (const effect of transaction.effects) if (effect.is(replaceHighlights)) return effect.value;
    return ranges.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const marks = new Map<string, Decoration>();

function mark(name: string): Decoration {
  let found = marks.get(name);
  if (!found) marks.set(name, (found = Decoration.mark({ class: `kql-${name}`, inclusiveEnd: true })));
  return found;
}

export const highlighting: Extension = highlightField;

export function highlightsTransaction(highlights: Highlight[], offsets: Offsets): TransactionSpec {
  const ranges = [];
  for (const { from, to, class: name } of highlights) {
    const start = offsets.toPosition(from);
    const end = offsets.toPosition(to);
    if (start < end) ranges.push(mark(name).range(start, end));
  }
  return { effects: replaceHighlights.of(Decoration.set(ranges, true)) };
}
