/**
 * Clicks on points of figures: a click sends the point's code (`meta.calls`) over `layout.meta.clicks` to the kernel.
 */
import { notebookDisplay } from "../../core/port/notebook.js";
import { outputId } from "./model.js";

const target = "pepnet.click";

/** Receives the code of a point. */
export type ClickListener = (call: string) => unknown;

const listeners = new Map<string, ClickListener>();
/** Opens a channel, and returns its name for figures. Outside a notebook nothing is received. */
export function clickChannel(listener: ClickListener): string {
  const channel = outputId();
  listeners.set(channel, listener);
  notebookDisplay()?.comms?.accept(target, (comm) => async ({ data }) => {
    const { channel: name, call } = data;
    const listen = typeof name === "string" ? listeners.get(name) : undefined;
    if (listen !== undefined) comm.send({ data: { answered: true } });
    comm.close();
    if (typeof call === "string") await listen?.(call);
  });
  return channel;
}
