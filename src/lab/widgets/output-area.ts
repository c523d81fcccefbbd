/** Outputs that change on a page of Voilà: it takes no updates of displays, which other front ends follow. */
import { type MimeBundle, notebookDisplay } from "../../core/port/notebook.js";
import { Widget } from "./input.js";
import { layoutModel, WidgetModel } from "./model.js";

/** Whether a page of Voilà shows this notebook: it names itself in the kernel's environment. */
export function isOnVoila(env: NodeJS.ProcessEnv = process.env): boolean {
  return env["SERVER_SOFTWARE"]?.startsWith("voila/") ?? false;
}

const outputModule = { module: "@jupyter-widgets/output", version: "1.0.0", model: "OutputModel", view: "OutputView" };

/** A widget with outputs of any kind. */
export class OutputArea extends Widget {
  /** @internal */
  readonly model: WidgetModel;
  #texts: readonly string[] = [];

  constructor() {
    super();
    const layout = layoutModel();
    this.model = new WidgetModel(outputModule, { layout: layout.reference, msg_id: "", outputs: [] }, [layout]);
  }

  /** Puts the widget below the cell. */
  display(): void {
    notebookDisplay()?.display(this.bundle());
  }

  show(bundles: readonly MimeBundle[]): void {
    this.#texts = bundles.map((bundle) => String(bundle["text/plain"] ?? ""));
    const outputs = bundles.map((data) => ({ output_type: "display_data", data, metadata: {} }));
    this.model.set({ outputs });
  }

  /** @internal */
  lines(): readonly string[] {
    return this.#texts;
  }
}
