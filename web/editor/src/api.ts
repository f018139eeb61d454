// The contract between the page (Rust) and the editor (this bundle), which is loaded as `window.ExfilEditor`.
//
// Offsets: everything of ours counts UTF-8 bytes, CodeMirror counts UTF-16 units. The conversion is done here and
// nowhere else: every offset that crosses this interface, in either direction, is a byte offset into the text of
// the version it is given with.
//
// Versions: each change of the text gives it the next version number. Answers computed for an older text
// (highlights, diagnostics, completions) are dropped; what is on screen moves along with the text meanwhile.
//
// Text: line ends are LF. CRLF and CR, typed, pasted or given, become LF.

/** What one editor is made with. Callbacks may be absent; they are never called during `create`. */
export interface Options {
  text: string;
  /** The accessible name of the text field. */
  label: string;
  /** Shown while the text is empty. */
  placeholder?: string;
  /** The nonce of the page's style-src policy: CodeMirror makes style elements. */
  nonce?: string;
  /** Called after every change, whoever made it, before `applyEdits`, `setText`, `undo` or `redo` returns. */
  onChange?(change: Change): void;
  /** Ctrl+Enter or Cmd+Enter. */
  onRun?(): void;
  /** F2, with the byte offset of the cursor. */
  onRename?(at: number): void;
  /** Completions at a position; `explicit` when asked for by Ctrl+Space. `null` for none. */
  complete?(version: number, at: number, explicit: boolean): Promise<Completions | null>;
  /** Help for what stands at a position: on resting the pointer there, or by Shift+F1 at the cursor. */
  hover?(version: number, at: number): Promise<Help | null>;
}

export interface Change {
  text: string;
  version: number;
  canUndo: boolean;
  canRedo: boolean;
}

/** Replace the bytes `from..to` by `insert`. */
export interface Edit {
  from: number;
  to: number;
  insert: string;
}

/** A run of text with one highlighting class: shown with the CSS class `kql-` + `class`. */
export interface Highlight {
  from: number;
  to: number;
  class: string;
}

export interface Diagnostic {
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
  message: string;
  /** Stable name of the kind of problem, shown before the message. */
  code?: string;
  /** The way out, shown after the message. */
  hint?: string;
  /** Changes of the text that mend it, as buttons behind the words; Ctrl+. goes to them. */
  fixes?: Fix[];
}

export interface Fix {
  /** What it does: "Write `where`". */
  title: string;
  /** One step of the history. In order, without overlap, against the text of the diagnostic's version. */
  edits: Edit[];
}

export interface Completions {
  /** The bytes that a chosen item replaces. */
  from: number;
  to: number;
  items: CompletionItem[];
}

export interface CompletionItem {
  label: string;
  /** Names the icon: "table", "column", "operator", "function", "keyword", "value". */
  kind: string;
  /** Short, beside the label: a type, a signature. */
  detail?: string;
  /** Sentences, beside the list. */
  info?: string;
  /** The text put in place; the label when absent. */
  apply?: string;
  /** -99 to 99; higher stands first among equal matches. */
  boost?: number;
}

export interface Help {
  from: number;
  to: number;
  /** In the code font: a name with its type, a signature. */
  title: string;
  text: string;
}

/** One editor on the page. */
export interface Handle {
  text(): string;
  version(): number;
  /** Replaces the text by the smallest single change that gives `text`; undone in one step. */
  setText(text: string): void;
  /**
   * Applies edits made elsewhere (the Lists view): one step in the same history as typing, never merged with it.
   * All edits refer to the text of `version`; returns false, and does nothing, when the text has moved on.
   */
  applyEdits(version: number, edits: Edit[]): boolean;
  undo(): boolean;
  redo(): boolean;
  canUndo(): boolean;
  canRedo(): boolean;
  /** Replaces all highlights. They must not overlap. */
  setHighlights(version: number, highlights: Highlight[]): void;
  /** Replaces all diagnostics: underlined at once, in words under their line when typing pauses. */
  setDiagnostics(version: number, diagnostics: Diagnostic[]): void;
  /** Selects the bytes `from..to`, scrolls there and takes the focus. */
  reveal(from: number, to: number): void;
  focus(): void;
  destroy(): void;
}
