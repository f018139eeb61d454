// Diagnostics: underlined at once, in words under their line once typing pauses, so that nothing jumps meanwhile.
// F8 goes to the next one; Ctrl+Shift+M lists them all; Ctrl+. or Alt+Enter goes to the next one's fixes, which are
// buttons behind its words.
import { forEachDiagnostic, linter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import type { Diagnostic as LintDiagnostic } from "@codemirror/lint";
import { Prec, StateEffect, StateField, type EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, keymap, ViewPlugin, WidgetType } from "@codemirror/view";
import type { Command, DecorationSet, ViewUpdate } from "@codemirror/view";
import type { Diagnostic, Fix } from "./api";
import { withLineFeeds, type Replacement } from "./change";
import type { Offsets } from "./offsets";
import { changeFromOutside } from "./outside";

/** How long the keys must rest before words are placed under lines. */
const PAUSE_MS = 500;

const SEVERITY_NAMES = { error: "Error", warning: "Warning", info: "Note" } as const;
type Severity = keyof typeof SEVERITY_NAMES;

interface Sentence {
  severity: Severity;
  code: string;
  message: string;
  hint: string;
  fixes: KeptFix[];
}

/** A fix of the diagnostics on screen, by its place in `fixesField`. */
interface KeptFix {
  id: number;
  title: string;
}

const replaceFixes = StateEffect.define<(Replacement[] | null)[]>();

/** What each fix changes, where that stands now; null once the words that it is about were changed. */
const fixesField = StateField.define<(Replacement[] | null)[]>({
  create: () => [],
  update(fixes, transaction) {
    for (const effect of transaction.effects) if (effect.is(replaceFixes)) return effect.value;
    if (!transaction.docChanged) return fixes;
    const { changes } = transaction;
    return fixes.map((fix) => {
      if (!fix || fix.some(({ from, to }) => changes.touchesRange(from, to))) return null;
      return fix.map((edit) => ({ ...edit, from: changes.mapPos(edit.from, 1), to: changes.mapPos(edit.to, -1) }));
    });
  },
});

function applyFix(view: EditorView, { id, title }: KeptFix): void {
  const changes = view.state.field(fixesField)[id];
  view.focus();
  if (!changes) return;
  changeFromOutside(view, changes);
  view.dispatch({ effects: EditorView.announce.of(`${title}: done`) });
}

class Words extends WidgetType {
  constructor(readonly sentences: Sentence[]) {
    super();
  }

  override eq(other: Words): boolean {
    return JSON.stringify(other.sentences) === JSON.stringify(this.sentences);
  }

  override toDOM(view: EditorView): HTMLElement {
    const block = element("div", "cm-words");
    block.addEventListener("keydown", (event) => moveAmongFixes(view, block, event));
    for (const { severity, code, message, hint, fixes } of this.sentences) {
      const line = block.appendChild(element("div", `cm-words-line cm-words-${severity}`));
      line.append(element("span", "cm-words-severity", SEVERITY_NAMES[severity]), " ", message);
      if (hint) line.append(" ", element("span", "cm-words-hint", hint));
      for (const fix of fixes) line.append(" ", fixButton(view, fix));
      if (code) line.append(" ", element("span", "cm-words-code", code));
    }
    return block;
  }

  override ignoreEvent(event: Event): boolean {
    return event.target instanceof Element && event.target.closest("button") !== null;
  }
}

function fixButton(view: EditorView, fix: KeptFix): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cm-words-fix";
  button.dataset["fix"] = String(fix.id);
  button.textContent = fix.title;
  button.addEventListener("click", () => applyFix(view, fix));
  return button;
}

const FIXES = "button.cm-words-fix:not(:disabled)";

/** Arrows go from fix to fix of a line, Escape goes back to the text. */
function moveAmongFixes(view: EditorView, block: HTMLElement, event: KeyboardEvent): void {
  const fixes = [...block.querySelectorAll<HTMLButtonElement>(FIXES)];
  const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const at = fixes.findIndex((fix) => fix === event.target);
  if (event.key === "Escape") view.focus();
  else if (at >= 0 && event.key in steps) fixes[(at + steps[event.key]! + fixes.length) % fixes.length]!.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
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
  fixes: KeptFix[];
}

/** The words under each line, from the diagnostics where they stand now. */
function wordsOf(state: EditorState): DecorationSet {
  const byLine = new Map<number, Sentence[]>();
  forEachDiagnostic(state, (diagnostic, from) => {
    const { severity, source = "", message, hint = "", fixes = [] } = diagnostic as Partial<Kept> & LintDiagnostic;
    const end = state.doc.lineAt(from).to;
    const sentences = byLine.get(end) ?? [];
    sentences.push({ severity: severity as Severity, code: source, message, hint, fixes });
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
      this.#disableLostFixes();
      if (this.#stale) this.#schedule();
    }

    /** The diagnostics changed: words follow, now or when the keys rest. */
    refresh(): void {
      this.#stale = true;
      this.#schedule();
    }

    /** Places the words at once: somebody asks for them. */
    placeNow(): void {
      clearTimeout(this.#timer);
      if (this.#stale) this.#place();
    }

    destroy(): void {
      clearTimeout(this.#timer);
    }

    /** A fix whose words were changed is no more, until the engine has looked at the new text. */
    #disableLostFixes(): void {
      const fixes = this.view.state.field(fixesField);
      for (const button of this.view.dom.querySelectorAll<HTMLButtonElement>("button.cm-words-fix")) {
        button.disabled = !fixes[Number(button.dataset["fix"])];
      }
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
      this.#disableLostFixes();
    }
  },
);

/** For screen readers: the first line's words when they are new. */
function announcements(words: DecorationSet, state: EditorState) {
  const first = words.iter();
  const shown = state.field(wordsField).iter();
  if (!first.value || (shown.value && (first.value.spec.widget as Words).eq(shown.value.spec.widget as Words))) return [];
  const { severity, message, fixes } = (first.value.spec.widget as Words).sentences[0]!;
  const line = state.doc.lineAt(first.from).number;
  const way = fixes.length > 0 ? " Control and full stop for its fixes." : "";
  return [EditorView.announce.of(`Line ${line}: ${SEVERITY_NAMES[severity]}: ${message}${way}`)];
}

/** Goes to the fixes of the first diagnostic that has some, from the cursor's line on and then from the top. */
const goToFixes: Command = (view) => {
  view.plugin(wordsTimer)?.placeNow();
  const { state } = view;
  const fixes = state.field(fixesField);
  const places: number[] = [];
  forEachDiagnostic(state, (diagnostic, from) => {
    if ((diagnostic as Partial<Kept>).fixes?.some(({ id }) => fixes[id])) places.push(from);
  });
  const line = state.doc.lineAt(state.selection.main.head).from;
  const place = places.find((from) => from >= line) ?? places[0];
  if (place === undefined) {
    view.dispatch({ effects: EditorView.announce.of("There is nothing that a fix is known for.") });
    return true;
  }
  view.dispatch({ selection: { anchor: place }, scrollIntoView: true });
  // Only what is in view is drawn, so the button may have to come first.
  view.requestMeasure({
    read: () => view.domAtPos(state.doc.lineAt(place).to).node,
    write: (node) => {
      const line = (node instanceof Element ? node : node.parentElement)?.closest(".cm-line");
      const words = line?.nextElementSibling;
      if (words?.classList.contains("cm-words")) words.querySelector<HTMLElement>(FIXES)?.focus();
    },
  });
  return true;
};

export const diagnosing: Extension = [
  // No source of its own: the engine pushes. The words stand under the line, so no tooltip repeats them.
  linter(null, { tooltipFilter: () => [] }),
  fixesField,
  wordsField,
  wordsTimer,
  // Before the default keys, of which Alt+Enter is one on some systems.
  Prec.high(
    keymap.of([
      { key: "Mod-.", run: goToFixes },
      { key: "Alt-Enter", run: goToFixes },
    ]),
  ),
  keymap.of(lintKeymap),
];

export function showDiagnostics(view: EditorView, diagnostics: Diagnostic[], offsets: Offsets): void {
  const changes: Replacement[][] = [];
  const keep = ({ title, edits }: Fix): KeptFix => {
    changes.push(
      edits.map(({ from, to, insert }) => {
        return { from: offsets.toPosition(from), to: offsets.toPosition(to), insert: withLineFeeds(insert) };
      }),
    );
    return { id: changes.length - 1, title };
  };
  const kept = diagnostics.map(({ from, to, severity, message, code = "", hint = "", fixes: offered = [] }): Kept => {
    const fixes = offered.map(keep);
    const actions = fixes.map((fix) => ({ name: fix.title, apply: (view: EditorView) => applyFix(view, fix) }));
    const place = { from: offsets.toPosition(from), to: offsets.toPosition(to) };
    return { ...place, severity, message, source: code, hint, fixes, actions };
  });
  view.dispatch({ effects: replaceFixes.of(changes) });
  view.dispatch(setDiagnostics(view.state, kept));
  view.plugin(wordsTimer)?.refresh();
}
