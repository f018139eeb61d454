// Diagnostics: underlined at once, in words under their line once typing pauses, so that nothing jumps meanwhile.
// F8 goes to the next one; Ctrl+Shift+M lists them all.
import { forEachDiagnostic, linter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import type { Diagnostic as LintDiagnostic } from "@codemirror/lint";
import { StateEffect, StateField, type EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, keymap, ViewPlugin, WidgetType } from "@codemirror/view";
import type { DecorationSet, ViewUpdate } from "@codemirror/view";
import type { Diagnostic } from "./api";
import type { Offsets } from "./offsets";

/** How long the keys must rest before words are placed under lines. */
const PAUSE_MS = 500;

const SEVERITY_NAMES = { error: "Error", warning: "Warning", info: "Note" } as const;
type Severity = keyof typeof SEVERITY_NAMES;

interface Sentence {
  severity: Severity;
  code: string;
  message: string;
  hint: string;
}

class Words extends WidgetType {
  constructor(readonly sentences: Sentence[]) {
    super();
  }

  override eq(other: Words): boolean {
    return JSON.stringify(other.sentences) === JSON.stringify(this.sentences);
  }

  override toDOM(): HTMLElement {
    const block = element("div", "cm-words");
    for (const { severity, code, message, hint } of this.sentences) {
      const line = block.appendChild(element("div", `cm-words-line cm-words-${severity}`));
      line.append(element("span", "cm-words-severity", SEVERITY_NAMES[severity]), " ", message);
      if (hint) line.append(" ", element("span", "cm-words-hint", hint));
      if (code) line.append(" ", element("span", "cm-words-code", code));
    }
    return block;
  }

  override ignoreEvent(): boolean {
    return false;
  }
}

function element(name: string, className: string, text = ""): HTMLElement {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = text;
  return node;
}

const replaceWords = StateEffect.define<DecorationSet>();

const wordsField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(words, transaction) {
    for (const effect of transaction.effects) if (effect.is(replaceWords)) return effect.value;
    return words.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** What the lint package keeps beside the message: `source` is our code, `hint` rides along. */
interface Kept extends LintDiagnostic {
  hint: string;
}

/** The words under each line, from the diagnostics where they stand now. */
function wordsOf(state: EditorState): DecorationSet {
  const byLine = new Map<number, Sentence[]>();
  forEachDiagnostic(state, (diagnostic, from) => {
    const { severity, source = "", message, hint = "" } = diagnostic as Partial<Kept> & LintDiagnostic;
    const end = state.doc.lineAt(from).to;
    const sentences = byLine.get(end) ?? [];
    sentences.push({ severity: severity as Severity, code: source, message, hint });
    byLine.set(end, sentences);
  });
  const widgets = [...byLine].map(([end, sentences]) =>
    Decoration.widget({ widget: new Words(sentences), side: 1, block: true }).range(end),
  );
  return Decoration.set(widgets, true);
}

const wordsTimer = ViewPlugin.fromClass(
  class {
    #timer: ReturnType<typeof setTimeout> | undefined;
    #lastChange = -Infinity;
    #stale = false;

    constructor(readonly view: EditorView) {}

    update(update: ViewUpdate): void {
      if (!update.docChanged) return;
      this.#lastChange = performance.now();
      if (this.#stale) this.#schedule();
    }

    /** The diagnostics changed: words follow, now or when the keys rest. */
    refresh(): void {
      this.#stale = true;
      this.#schedule();
    }

    destroy(): void {
      clearTimeout(this.#timer);
    }

    #schedule(): void {
      clearTimeout(this.#timer);
      const rest = this.#lastChange + PAUSE_MS - performance.now();
      if (rest <= 0) this.#place();
      else this.#timer = setTimeout(() => this.#place(), rest);
    }

    #place(): void {
      this.#stale = false;
      const words = wordsOf(this.view.state);
      this.view.dispatch({ effects: [replaceWords.of(words), ...announcements(words, this.view.state)] });
    }
  },
);

/** For screen readers: the first line's words when they are new. */
function announcements(words: DecorationSet, state: EditorState) {
  const first = words.iter();
  const shown = state.field(wordsField).iter();
  if (!first.value || (shown.value && (first.value.spec.widget as Words).eq(shown.value.spec.widget as Words))) return [];
  const { severity, message } = (first.value.spec.widget as Words).sentences[0]!;
  const line = state.doc.lineAt(first.from).number;
  return [EditorView.announce.of(`Line ${line}: ${SEVERITY_NAMES[severity]}: ${message}`)];
}

export const diagnosing: Extension = [
  // No source of its own: the engine pushes. The words stand under the line, so no tooltip repeats them.
  linter(null, { tooltipFilter: () => [] }),
  wordsField,
  wordsTimer,
  keymap.of(lintKeymap),
];

export function showDiagnostics(view: EditorView, diagnostics: Diagnostic[], offsets: Offsets): void {
  const kept = diagnostics.map(({ from, to, severity, message, code = "", hint = "" }): Kept => {
    return { from: offsets.toPosition(from), to: offsets.toPosition(to), severity, message, source: code, hint };
  });
  view.dispatch(setDiagnostics(view.state, kept));
  view.plugin(wordsTimer)?.refresh();
}
