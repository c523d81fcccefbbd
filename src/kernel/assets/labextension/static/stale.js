// Marks cells whose inputs were run again since, beside their numbers. The marks are of the page alone: no saved file
// and no export has them.
import { askKernel } from "./requests.js";

/** Runs that follow each other, as of Run All, are asked about once. */
const quietMillis = 100;

const style = `
.jp-InputPrompt[data-pepnet-stale] {
  opacity: 1;
}
.jp-InputPrompt[data-pepnet-stale]::after {
  content: attr(data-pepnet-stale);
  display: block;
  margin: -5px 0 -7px;
  font-size: 10px;
  line-height: 12px;
  color: var(--jp-warn-color0, #b35900);
}`;

function mark(cell, names) {
  const prompt = cell.node.querySelector(".jp-InputPrompt");
  if (!prompt) return;
  if (names === undefined) {
    if (!("pepnetStale" in prompt.dataset)) return;
    delete prompt.dataset.pepnetStale;
    prompt.removeAttribute("title");
  } else {
    prompt.dataset.pepnetStale = "stale";
    const verb = names.length === 1 ? "was" : "were";
    prompt.title = `${names.join(", ")} ${verb} assigned again since this cell ran, or come from a stale cell: run it again`;
  }
}

class Marker {
  constructor(panel, KernelMessage) {
    Object.assign(this, { panel, KernelMessage, timer: null });
    const { sessionContext, content } = panel;
    const schedule = () => this.schedule();
    sessionContext.kernelChanged.connect(schedule);
    sessionContext.connectionStatusChanged.connect((_, status) => status === "connected" && this.schedule());
    sessionContext.iopubMessage.connect((_, { header, parent_header: parent, content: { execution_state: state } }) => {
      const isEnd = header.msg_type === "status" && state === "idle" && parent.msg_type === "execute_request";
      if (isEnd) this.schedule();
    });
    sessionContext.statusChanged.connect((_, status) => {
      if (/restarting|dead|terminating/.test(status)) this.show([]);
    });
    content.model?.cells.changed.connect(schedule);
    panel.disposed.connect(() => clearTimeout(this.timer));
    sessionContext.ready.then(schedule);
  }

  schedule() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), quietMillis);
  }

  get cells() {
    return this.panel.content.widgets.filter(({ model }) => model.type === "code");
  }

  async ask() {
    if (this.panel.isDisposed) return;
    const cells = this.cells.map(({ model }) => model.id);
    const reply = await askKernel(this.panel, "stale_request", { cells }, this.KernelMessage);
    if (!this.panel.isDisposed) this.show(reply?.cells ?? []);
  }

  show(stale) {
    const names = new Map(stale.map((each) => [each.id, each.names]));
    // JupyterLab draws the cells of a loaded page one after another.
    for (const cell of this.cells) cell.ready.then(() => mark(cell, names.get(cell.model.id)));
  }
}

/** The plugin. */
export function stalePlugin({ INotebookTracker }, { KernelMessage }) {
  return {
    id: "pepnet-plotly:stale",
    description: "Marks cells whose inputs were run again since.",
    autoStart: true,
    requires: [INotebookTracker],
    activate(_app, tracker) {
      document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
      const follow = (panel) => new Marker(panel, KernelMessage);
      tracker.widgetAdded.connect((_, panel) => follow(panel));
      tracker.forEach(follow);
    },
  };
}
