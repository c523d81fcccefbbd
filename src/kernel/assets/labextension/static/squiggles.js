// Underlines what the compiler of the kernel reports in a cell, while the user types and without running it.
import { askKernel } from "./requests.js";

const quietMillis = 400;

const marks = { error: "cm-pepnet-error", warning: "cm-pepnet-warning" };

/** A message as an element, which a screen reader reads when it appears. */
function messageElement(message) {
  const dom = document.createElement("div");
  dom.className = "cm-pepnet-message";
  dom.setAttribute("role", "alert");
  dom.textContent = message;
  return { dom };
}

/** F8 and Shift-F8 go to the next and the previous underlined text of a cell, and show its message until one moves on. */
function steps({ StateEffect, StateField }, { keymap, showTooltip }, field) {
  const shown = StateEffect.define();
  const tooltip = StateField.define({
    create: () => null,
    update(value, transaction) {
      const effect = transaction.effects.find((one) => one.is(shown));
      if (effect) return effect.value;
      return transaction.selection || transaction.docChanged ? null : value;
    },
    provide: (self) => showTooltip.from(self),
  });
  const go = (isForward) => (editor) => {
    const places = [];
    editor.state.field(field).between(0, editor.state.doc.length, (from, to, { spec }) => {
      places.push({ from, to, message: spec.message });
    });
    if (places.length === 0) return false;
    const { from: here } = editor.state.selection.main;
    const next = isForward
      ? (places.find(({ from }) => from > here) ?? places[0])
      : (places.findLast(({ from }) => from < here) ?? places.at(-1));
    const { from, to, message } = next;
    const effects = shown.of({ pos: from, end: to, create: () => messageElement(message) });
    editor.dispatch({ selection: { anchor: from, head: to }, effects, scrollIntoView: true });
    return true;
  };
  return [tooltip, keymap.of([{ key: "F8", run: go(true), shift: go(false), preventDefault: true }])];
}

/** The editor extension: underlines that move with the text, and their messages under the pointer or by keyboard. */
function underlines(state, view) {
  const { StateEffect, StateField } = state;
  const { Decoration, EditorView, hoverTooltip } = view;
  const found = StateEffect.define();
  const field = StateField.define({
    create: () => Decoration.none,
    update(decorations, transaction) {
      const effect = transaction.effects.find((one) => one.is(found));
      return effect ? Decoration.set(effect.value, true) : decorations.map(transaction.changes);
    },
    provide: (self) => EditorView.decorations.from(self),
  });
  const underline = (text) => ({ textDecoration: `underline wavy ${text}`, textDecorationSkipInk: "none" });
  const theme = EditorView.baseTheme({
    [`.${marks.error}`]: underline("var(--jp-error-color1, #d32f2f)"),
    [`.${marks.warning}`]: underline("var(--jp-warn-color1, #f57c00)"),
    ".cm-pepnet-message": { padding: "4px 8px", maxWidth: "60ch", whiteSpace: "pre-wrap" },
  });
  const messages = hoverTooltip((editor, position) => {
    let shown = null;
    editor.state.field(field).between(position, position, (pos, end, { spec }) => {
      shown = {
        pos,
        end,
        create: () => messageElement(spec.message),
      };
      return false;
    });
    return shown;
  });
  const show = (editor, diagnostics) => {
    const { length } = editor.state.doc;
    const ranges = diagnostics.flatMap(({ start, end, message, severity }) => {
      const to = Math.min(Math.max(end, start + 1), length);
      const from = Math.min(start, to - 1);
      return from < 0 ? [] : [Decoration.mark({ class: marks[severity], message }).range(from, to)];
    });
    editor.dispatch({ effects: found.of(ranges) });
  };
  return { extensions: [field, theme, messages, steps(state, view, field)], show };
}

/** Asks the kernel for a cell's diagnostics; null if the kernel is another one. */
async function diagnosticsOf(panel, model, { KernelMessage }) {
  const above = [];
  for (const { model: other } of panel.content.widgets) {
    if (other === model) break;
    if (other.type === "code") above.push(other.sharedModel.getSource());
  }
  const content = { code: model.sharedModel.getSource(), above };
  const reply = await askKernel(panel, "diagnostics_request", content, KernelMessage);
  return reply?.diagnostics ?? null;
}

/** Looks at the code of one editor. */
class Checker {
  constructor(view, model, tracker, tools) {
    Object.assign(this, { view, model, tracker, tools });
    this.timer = null;
    this.hasMarks = false;
    tools.checkers.add(this);
  }

  update({ docChanged, focusChanged }) {
    if (docChanged || (focusChanged && this.view.hasFocus)) this.schedule();
  }

  schedule() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), quietMillis);
  }

  get panel() {
    return this.tracker.find(({ content }) => content.widgets.some(({ model }) => model === this.model));
  }

  async check() {
    const { panel, view } = this;
    if (!panel || this.model.type !== "code") return;
    const { doc } = view.state;
    const diagnostics = await diagnosticsOf(panel, this.model, this.tools);
    if (diagnostics === null || this.isGone || !view.state.doc.eq(doc)) return;
    this.hasMarks = diagnostics.length > 0;
    this.tools.show(view, diagnostics);
  }

  /** A cell that ran may have declared what this one lacks. */
  executed({ content }) {
    if (this.hasMarks && content.widgets.some(({ model }) => model === this.model)) this.schedule();
  }

  destroy() {
    this.isGone = true;
    clearTimeout(this.timer);
    this.tools.checkers.delete(this);
  }
}

/** The plugin. */
export function squigglesPlugin({ notebook, codemirror, services, state, view }) {
  return {
    id: "pepnet-plotly:squiggles",
    description: "Underlines the kernel's diagnostics of a cell while the user types.",
    autoStart: true,
    requires: [notebook.INotebookTracker, codemirror.IEditorExtensionRegistry],
    activate(_app, tracker, registry) {
      const { extensions, show } = underlines(state, view);
      const checkers = new Set();
      const tools = { show, checkers, KernelMessage: services.KernelMessage };
      notebook.NotebookActions.executed.connect((_, { notebook: content }) => {
        for (const checker of checkers) checker.executed({ content });
      });
      registry.addExtension({
        name: "pepnet-squiggles",
        factory: ({ model }) => {
          const checker = view.ViewPlugin.define((editor) => new Checker(editor, model, tracker, tools));
          return codemirror.EditorExtensionRegistry.createImmutableExtension([...extensions, checker]);
        },
      });
    },
  };
}
