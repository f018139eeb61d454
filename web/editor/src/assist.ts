// Completion and hover help: the questions go to the engine, the answers are shown by CodeMirror.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import type { Completion, CompletionResult } from "@codemirror/autocomplete";
import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from "@codemirror/view";
import type { CompletionItem, Help, Options } from "./api";
import { offsetsOf } from "./offsets";

/** Names the version of the text that a state shows. */
export type VersionOf = (view: { state: EditorView["state"] }) => number;

export function completing(options: Options, versionOf: VersionOf): Extension {
  const complete = options.complete;
  if (!complete) return [];
  return [
    autocompletion({
      override: [
        async (context) => {
          const offsets = offsetsOf(context.state.doc);
          const at = offsets.toByte(context.pos);
          const answer = await complete(versionOf(context), at, context.explicit);
          if (!answer || context.aborted || answer.items.length === 0) return null;
          return {
            from: offsets.toPosition(answer.from),
            to: offsets.toPosition(answer.to),
            options: answer.items.map(item),
            validFor: /^[\w-]*$/,
          } satisfies CompletionResult;
        },
      ],
    }),
    // Tab takes the marked item while the list is open and otherwise leaves the field, as keyboard users need.
    keymap.of([{ key: "Tab", run: acceptCompletion }]),
  ];
}

function item({ label, kind, detail, info, apply, boost }: CompletionItem): Completion {
  return { label, type: kind, detail, info, apply, boost };
}

/** Brackets and quotes close themselves. */
export const closing: Extension = [closeBrackets(), keymap.of(closeBracketsKeymap)];

const showHelp = StateEffect.define<Tooltip | null>();

const helpField = StateField.define<Tooltip | null>({
  create: () => null,
  update(help, transaction) {
    for (const effect of transaction.effects) if (effect.is(showHelp)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : help;
  },
  provide: (field) => showTooltip.from(field),
});

export function helping(options: Options, versionOf: VersionOf): Extension {
  const hover = options.hover;
  if (!hover) return [];
  const ask = async (view: EditorView, position: number): Promise<{ help: Help; tooltip: Tooltip } | null> => {
    const { state } = view;
    const offsets = offsetsOf(state.doc);
    const help = await hover(versionOf(view), offsets.toByte(position));
    if (!help || view.state.doc !== state.doc) return null;
    const tooltip: Tooltip = {
      pos: offsets.toPosition(help.from),
      end: offsets.toPosition(help.to),
      above: true,
      create: () => ({ dom: helpDom(help) }),
    };
    return { help, tooltip };
  };
  return [
    helpField,
    hoverTooltip(async (view, position) => (await ask(view, position))?.tooltip ?? null),
    keymap.of([
      {
        key: "Shift-F1",
        run(view) {
          void ask(view, view.state.selection.main.head).then((answer) => {
            if (!answer) return;
            const { help, tooltip } = answer;
            view.dispatch({
              effects: [showHelp.of(tooltip), EditorView.announce.of(`${help.title}. ${help.text}`)],
            });
          });
          return true;
        },
      },
      {
        key: "Escape",
        run(view) {
          if (!view.state.field(helpField)) return false;
          view.dispatch({ effects: showHelp.of(null) });
          return true;
        },
      },
    ]),
  ];
}

function helpDom({ title, text }: Help): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "cm-help";
  dom.append(document.createElement("code"), document.createElement("p"));
  dom.firstElementChild!.textContent = title;
  dom.lastElementChild!.textContent = text;
  return dom;
}

