// Continues the outputs of a cell that runs while its page is reloaded or opened anew. JupyterLab drops messages of
// requests that the page did not send; this plugin adds those of the page's earlier connections to their cells, which
// the kernel names. What was shown while no page was open, it asks the kernel for.
import { askKernel } from "./requests.js";

const storageName = "pepnet-connections";
const mostConnections = 50;

/** Connections to kernels that this tab ever opened: a tab's session storage survives a reload. */
function connections() {
  return JSON.parse(sessionStorage.getItem(storageName) ?? "[]");
}

function remember(connection) {
  const others = connections().filter((other) => other !== connection);
  sessionStorage.setItem(storageName, JSON.stringify([...others, connection].slice(-mostConnections)));
}

/** The output of a message, as notebooks store it, or null. */
function outputFrom({ header, content }) {
  const { transient: _transient, ...output } = content;
  switch (header.msg_type) {
    case "stream":
    case "display_data":
    case "execute_result":
    case "error":
      return { output_type: header.msg_type, ...output };
    case "update_display_data":
      return { output_type: "display_data", ...output };
    default:
      return null;
  }
}

/** Index of a cell's replaceable output among all of its outputs, or -1. */
function displayIndex(outputs, position) {
  for (let index = 0, displays = 0; index < outputs.length; index++) {
    if (outputs.get(index).type === "display_data" && displays++ === position) return index;
  }
  return -1;
}

class Follower {
  constructor(panel, KernelMessage) {
    this.panel = panel;
    this.KernelMessage = KernelMessage;
    this.earlier = new Set(connections());
    this.begun = new Set();
    this.counts = new Map();
    const { sessionContext } = panel;
    sessionContext.iopubMessage.connect((_, message) => this.receive(message));
    sessionContext.kernelChanged.connect((_, { newValue }) => newValue && remember(newValue.clientId));
    if (sessionContext.session?.kernel) remember(sessionContext.session.kernel.clientId);
    Promise.all([sessionContext.ready, panel.context.ready]).then(() => this.catchUp());
  }

  /** Shows what cells have shown since the file was saved: nobody may have been there to save it. */
  async catchUp() {
    const { panel, KernelMessage } = this;
    const models = new Map(panel.content.widgets.map(({ model }) => [model.id, model]));
    const cells = [...models].flatMap(([id, model]) => {
      return model.type === "code" ? [{ id, code: model.sharedModel.getSource() }] : [];
    });
    const since = Date.parse(panel.context.contentsModel?.last_modified ?? "");
    if (Number.isNaN(since)) return;
    const reply = await askKernel(panel, "outputs_request", { since, cells }, KernelMessage);
    if (panel.isDisposed) return;
    const own = panel.sessionContext.session?.kernel?.clientId;
    for (const { id, execution_count: count, outputs, request, session, isRunning } of reply?.cells ?? []) {
      if (session === own) continue; // this page ran it: a second view of the notebook opens
      const model = models.get(id);
      model.outputs.clear();
      model.trusted = true; // the kernel ran this code for a page of this notebook
      for (const output of outputs) model.outputs.add(output);
      model.executionCount = isRunning ? null : count;
      if (!isRunning) continue;
      model.executionState = "running";
      this.begun.add(request);
      this.counts.set(request, count);
      this.earlier.add(session);
    }
  }

  receive(message) {
    const { session, msg_id: request } = message.parent_header;
    if (!this.earlier.has(session)) return;
    const { cellId, executionCount, display } = message.metadata;
    const cell = this.panel.content.widgets.find(({ model }) => model.id === cellId && model.type === "code");
    if (!cell) return;
    if (executionCount) this.counts.set(request, executionCount);
    if (message.header.msg_type === "status") this.changeState(cell, request, message.content.execution_state);
    else this.change(cell, request, message, display);
  }

  change({ model }, request, message, display) {
    this.begin(model, request);
    if (message.header.msg_type === "clear_output") model.outputs.clear(message.content.wait);
    const output = outputFrom(message);
    if (output === null) return;
    const isUpdate = message.header.msg_type === "update_display_data";
    if (isUpdate && display === undefined) return; // of a removed output
    const index = isUpdate ? displayIndex(model.outputs, display) : -1;
    if (index < 0) model.outputs.add(output);
    else model.outputs.set(index, output);
  }

  /** Removes outputs of an earlier execution: a cell that was saved while it ran has no count. */
  begin(model, request) {
    if (this.begun.has(request)) return;
    this.begun.add(request);
    const isOther = model.executionCount !== null && model.executionCount !== this.counts.get(request);
    if (isOther) model.outputs.clear();
    model.trusted = true; // the user ran it in this tab
    if (this.panel.sessionContext.session?.kernel?.status === "busy") model.executionState = "running";
  }

  changeState({ model }, request, state) {
    if (state !== "idle" || !this.begun.has(request)) return;
    model.executionState = "idle";
    model.executionCount = this.counts.get(request) ?? null;
  }
}

/** The plugin. */
export function reloadPlugin({ INotebookTracker }, { KernelMessage }) {
  return {
    id: "pepnet-plotly:reload",
    description: "Continues the outputs of a running cell after the page was reloaded, and shows what it missed.",
    autoStart: true,
    requires: [INotebookTracker],
    activate(_app, tracker) {
      const follow = (panel) => new Follower(panel, KernelMessage);
      tracker.widgetAdded.connect((_, panel) => follow(panel));
      tracker.forEach(follow);
    },
  };
}
