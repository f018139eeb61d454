// The editor's looks, from the page's custom properties alone: light and dark are the page's business.
import { EditorView } from "@codemirror/view";
import type { Extension } from "@codemirror/state";

const wavy = (colour: string) => ({
  backgroundImage: "none",
  paddingBottom: "0",
  textDecoration: `underline wavy var(${colour})`,
  textDecorationSkipInk: "none",
});

export const theme: Extension = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--panel)", fontSize: "inherit" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--soft)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--sunk) 55%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--accent-soft)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--sunk)", outline: "1px solid var(--line)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--bad)" },
  ".cm-placeholder": { color: "var(--soft)" },

  ".cm-lintRange-error": wavy("--bad"),
  ".cm-lintRange-warning": wavy("--warn"),
  ".cm-lintRange-info": wavy("--accent"),
  ".cm-lintPoint:after": { borderBottomColor: "var(--bad)" },
  ".cm-words": {
    padding: "1px 6px 3px 6px",
    whiteSpace: "normal",
    fontFamily: "var(--sans, system-ui, sans-serif)",
    fontSize: "0.95em",
    lineHeight: "1.35",
  },
  ".cm-words-line": { color: "var(--words)", borderLeft: "3px solid var(--words)", paddingLeft: "6px", margin: "2px 0" },
  ".cm-words-error": { "--words": "var(--bad)" },
  ".cm-words-warning": { "--words": "var(--warn)" },
  ".cm-words-info": { "--words": "var(--accent)" },
  ".cm-words-severity": { fontWeight: "650" },
  ".cm-words-hint": { color: "var(--text)" },
  ".cm-words-fix, .cm-panel.cm-panel-lint .cm-diagnosticAction": {
    margin: "1px 2px 1px 0",
    padding: "0 6px",
    minHeight: "22px",
    font: "inherit",
    color: "var(--text)",
    backgroundColor: "var(--accent-soft)",
    border: "1px solid var(--accent)",
    borderRadius: "4px",
    cursor: "pointer",
  },
  ".cm-words-fix:focus-visible": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-words-fix:disabled": { opacity: "0.5", cursor: "default" },
  ".cm-words-code": { color: "var(--soft)", fontFamily: "var(--mono)", fontSize: "0.85em" },

  ".cm-tooltip": {
    color: "var(--text)",
    backgroundColor: "var(--panel)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    boxShadow: "0 4px 16px rgb(0 0 0 / 0.18)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--text)",
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-completionDetail": { color: "var(--soft)", fontStyle: "normal" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700", color: "var(--accent)" },
  ".cm-completionInfo": { fontFamily: "var(--sans, system-ui, sans-serif)", maxWidth: "24em" },
  ".cm-completionIcon": { color: "var(--soft)", opacity: "1", width: "1.2em", paddingRight: "0.4em" },
  ".cm-completionIcon-table:after": { content: "'▦'" },
  ".cm-completionIcon-column:after": { content: "'▥'" },
  ".cm-completionIcon-operator:after": { content: "'|'" },
  ".cm-completionIcon-function:after": { content: "'ƒ'" },
  ".cm-completionIcon-keyword:after": { content: "'§'" },
  ".cm-completionIcon-value:after": { content: "'='" },
  ".cm-help": { padding: "6px 10px", maxWidth: "32em" },
  ".cm-help code": { fontFamily: "var(--mono)", fontWeight: "650" },
  ".cm-help p": { margin: "4px 0 0", whiteSpace: "pre-line" },

  ".cm-panels": { color: "var(--text)", backgroundColor: "var(--panel)", borderColor: "var(--line)" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": { color: "var(--text)", backgroundColor: "var(--accent-soft)" },
  ".cm-panel.cm-panel-lint button[name=close]": { color: "var(--text)" },
});
