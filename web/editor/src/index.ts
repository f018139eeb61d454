// One CodeMirror editor for the page, as `window.ExfilEditor`; api.ts says what each part of it promises.
import { defaultKeymap, history, historyKeymap, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { EditorState, Prec, StateField } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder } from "@codemirror/view";
import type { Handle, Options } from "./api";
import { closing, completing, helping } from "./assist";
import { smallestChange, withLineFeeds } from "./change";
import { diagnosing, showDiagnostics } from "./diagnostics";
import { highlighting, highlightsTransaction } from "./highlights";
import { offsetsOf } from "./offsets";
import { changeFromOutside } from "./outside";
import { theme } from "./theme";

const versionField = StateField.define<number>({
  create: () => 0,
  update: (version, transaction) => (transaction.docChanged ? version + 1 : version),
});

const versionOf = ({ state }: { state: EditorState }): number => state.field(versionField);

/** What CodeMirror must know of the language to toggle comments and close brackets: the rest is the engine's. */
const kqlManners = EditorState.languageData.of(() => [
  { commentTokens: { line: "//" }, closeBrackets: { brackets: ["(", "[", "{", "'", '"'] } },
]);

function create(parent: HTMLElement, options: Options): Handle {
  const { onChange, onRename, onRun } = options;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: withLineFeeds(options.text),
      extensions: [
        versionField,
        // Before the default keys, which make Ctrl+Enter a new line.
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (onRun?.(), onRun !== undefined) }])),
        keymap.of([
          {
            key: "F2",
            run({ state }) {
              onRename?.(offsetsOf(state.doc).toByte(state.selection.main.head));
              return onRename !== undefined;
            },
          },
        ]),
        Prec.high(completing(options, versionOf)),
        Prec.high(helping(options, versionOf)),
        closing,
        kqlManners,
        history(),
        highlighting,
        diagnosing,
        bracketMatching(),
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        drawSelection(),
        EditorView.lineWrapping,
        keymap.of([...defaultKeymap, ...historyKeymap]),
        theme,
        EditorView.contentAttributes.of({ "aria-label": options.label }),
        options.placeholder ? placeholder(options.placeholder) : [],
        options.nonce ? EditorView.cspNonce.of(options.nonce) : [],
        // A file dropped here is a log for the page: CodeMirror would paste its text.
        EditorView.domEventHandlers({ drop: (event) => (event.dataTransfer?.files.length ?? 0) > 0 }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          const { state } = update;
          onChange?.({
            text: state.doc.toString(),
            version: versionOf(update),
            canUndo: undoDepth(state) > 0,
            canRedo: redoDepth(state) > 0,
          });
        }),
      ],
    }),
  });

  const isCurrent = (version: number) => version === versionOf(view);

  return {
    text: () => view.state.doc.toString(),
    version: () => versionOf(view),
    setText(text) {
      const replacement = smallestChange(view.state.doc.toString(), withLineFeeds(text));
      if (replacement) changeFromOutside(view, replacement);
    },
    applyEdits(version, edits) {
      if (!isCurrent(version)) return false;
      const offsets = offsetsOf(view.state.doc);
      changeFromOutside(
        view,
        edits.map(({ from, to, insert }) => {
          return { from: offsets.toPosition(from), to: offsets.toPosition(to), insert: withLineFeeds(insert) };
        }),
      );
      return true;
    },
    undo: () => undo(view),
    redo: () => redo(view),
    canUndo: () => undoDepth(view.state) > 0,
    canRedo: () => redoDepth(view.state) > 0,
    setHighlights(version, highlights) {
      if (isCurrent(version)) view.dispatch(highlightsTransaction(highlights, offsetsOf(view.state.doc)));
    },
    setDiagnostics(version, diagnostics) {
      if (isCurrent(version)) showDiagnostics(view, diagnostics, offsetsOf(view.state.doc));
    },
    reveal(from, to) {
      const offsets = offsetsOf(view.state.doc);
      const anchor = offsets.toPosition(from);
      const head = offsets.toPosition(to);
      view.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

declare global {
  interface Window {
    ExfilEditor: { create(parent: HTMLElement, options: Options): Handle };
  }
}

window.ExfilEditor = { create };
