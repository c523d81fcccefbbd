/** Outputs that follow their inputs. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type DisplayHandle, type MimeBundle, notebookDisplay, showBy } from "../../core/port/notebook.js";
import { escapeHtml } from "../../core/util/escape.js";
import { column } from "./controls.js";
import { InputWidget } from "./input.js";
import { isOnVoila, OutputArea } from "./output-area.js";

/** Any control with a value. */
// biome-ignore lint/suspicious/noExplicitAny: an input of any value
export type AnyInput = InputWidget<any>;

/** One input, or several by name. */
export type LiveInputs = AnyInput | Readonly<Record<string, AnyInput>>;

/** The value of one input, or the values of several by name. */
export type LiveValues<Inputs extends LiveInputs> =
  Inputs extends InputWidget<infer T>
    ? T
    : { readonly [Name in keyof Inputs]: Inputs[Name] extends InputWidget<infer T> ? T : never };

/** A picture of a chart takes up to 400 ms, so it is drawn only when the inputs rest. */
const restMillis = 700;

/** An output that follows its inputs. Made by {@link live}. `R`: the type of its result. */
export class Live<R> {
  readonly #inputs: readonly AnyInput[];
  readonly #compute: () => R | Promise<R>;
  #result: { readonly value: R } | { readonly error: unknown } | null = null;
  #handles: DisplayHandle[][] = [];
  #areas: OutputArea[] = [];
  #stale = true;
  #work: Promise<void> | null = null;
  #rest: NodeJS.Timeout | null = null;

  /** Use {@link live}. @internal */
  constructor(inputs: readonly AnyInput[], compute: () => R | Promise<R>) {
    this.#inputs = inputs;
    this.#compute = compute;
    for (const input of inputs) input.onChange(() => this.refresh());
    void this.refresh();
  }

  /** The latest result; `undefined` before the first. */
  get value(): R | undefined {
    return this.#result !== null && "value" in this.#result ? this.#result.value : undefined;
  }

  /** Resolves when the output shows the newest inputs; intermediate inputs are skipped. */
  refresh(): Promise<void> {
    this.#stale = true;
    this.#work ??= this.#computeAll().finally(() => {
      this.#work = null;
    });
    return this.#work;
  }

  /** Resolves to the latest result when nothing is being computed. Throws what `compute` threw. */
  async settled(): Promise<R> {
    await this.#work;
    const result = this.#result!;
    if ("error" in result) throw result.error;
    return result.value;
  }

  async #computeAll(): Promise<void> {
    await nextTurn(); // several changes of one cell are one computation
    while (this.#stale) {
      this.#stale = false;
      try {
        this.#result = { value: await this.#compute() };
      } catch (error) {
        this.#result = { error };
      }
      await this.#draw(true);
    }
    if (this.#rest) clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#draw(false), restMillis).unref();
  }

  async #draw(isQuick: boolean): Promise<void> {
    if (this.#handles.length + this.#areas.length === 0 || this.#result === null) return;
    const result = this.#result;
    const bundles = await bundlesOf(result, isQuick);
    if (result !== this.#result) return;
    this.#handles = this.#handles.map((handles) => show(handles, bundles));
    for (const area of this.#areas) area.show(bundles);
  }

  /** Shows the inputs, and below them the output, which later changes replace. @internal */
  async display(): Promise<null> {
    if (this.#inputs.length > 0) notebookDisplay()?.display(column(...this.#inputs).bundle());
    await this.#work;
    const bundles = await bundlesOf(this.#result!, false);
    if (isOnVoila()) {
      const area = new OutputArea();
      area.show(bundles);
      area.display();
      this.#areas.push(area);
    } else this.#handles.push(show([], bundles));
    return null;
  }
}

showBy(Live, function () {
  return this.display();
});

function show(handles: readonly DisplayHandle[], bundles: readonly MimeBundle[]): DisplayHandle[] {
  const notebook = notebookDisplay();
  const empty: MimeBundle = { "text/plain": "" };
  for (const [index, handle] of handles.entries()) handle.update(bundles[index] ?? empty);
  return [...handles, ...bundles.slice(handles.length).flatMap((bundle) => notebook?.display(bundle) ?? [])];
}

/**
 * An output that is computed again whenever one of its inputs changes; the cell shows the inputs above it. If the
 * inputs change faster than `compute` runs, it skips to the newest. A result may be anything that a cell can show, or a
 * list of charts and tables. A saved notebook has the last result.
 */
export function live<Inputs extends LiveInputs, R>(
  inputs: Inputs,
  compute: (values: LiveValues<Inputs>) => R | Promise<R>,
): Live<R> {
  if (inputs instanceof InputWidget) return new Live([inputs], () => compute(inputs.value));
  const named = Object.entries(inputs as Readonly<Record<string, AnyInput>>);
  return new Live(
    named.map(([, input]) => input),
    () => compute(Object.fromEntries(named.map(([name, { value }]) => [name, value])) as LiveValues<Inputs>),
  );
}

interface ShowsItself {
  bundle(options?: { readonly png?: boolean }): Promise<MimeBundle>;
}

/** The bundles of a result or of an error. `isQuick`: without parts that take long, since they soon change again. */
export async function bundlesOf(
  result: { readonly value: unknown } | { readonly error: unknown },
  isQuick: boolean,
): Promise<readonly MimeBundle[]> {
  try {
    if ("error" in result) throw result.error;
    const { value } = result;
    if (Array.isArray(value) && value.length > 0 && value.every(showsItself)) {
      return await Promise.all(value.map((each) => bundleOf(each, isQuick)));
    }
    return [await bundleOf(value, isQuick)];
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [{ "text/html": `<pre style="color:#b3261e">${escapeHtml(text)}</pre>`, "text/plain": text }];
  }
}

async function bundleOf(value: unknown, isQuick: boolean): Promise<MimeBundle> {
  if (showsItself(value)) return value.bundle(isQuick ? { png: false } : {});
  const output = await notebookDisplay()?.show?.(value);
  if (output?.problem !== undefined) throw output.problem;
  return output?.bundle ?? { "text/plain": String(value) };
}

function showsItself(value: unknown): value is ShowsItself {
  return typeof value === "object" && value !== null && typeof (value as Partial<ShowsItself>).bundle === "function";
}
