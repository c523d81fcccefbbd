/**
 * Clicks on figures. A figure names its channel in `layout.meta.clicks`, and its points their code in `meta.calls` of
 * their traces. A click sends the code to the kernel, which runs what it has offered; others close the comm unanswered.
 */
import { randomUUID } from "node:crypto";
import { type NotebookComms, notebookDisplay } from "../port/notebook.js";

const target = "pepnet.click";

/** Receives the code of a point. */
export type ClickListener = (call: string) => unknown;

const listeners = new Map<string, ClickListener>();
const accepting = new WeakSet<NotebookComms>();

/** Opens a channel, and returns its name for figures. Outside a notebook nothing is received. */
export function clickChannel(listener: ClickListener): string {
  const channel = randomUUID();
  listeners.set(channel, listener);
  const comms = notebookDisplay()?.comms;
  if (comms && !accepting.has(comms)) {
    accepting.add(comms);
    comms.accept(target, (comm) => async ({ data }) => {
      const { channel: name, call } = data;
      const listen = typeof name === "string" ? listeners.get(name) : undefined;
      if (listen !== undefined) comm.send({ data: { answered: true } });
      comm.close();
      if (typeof call === "string") await listen?.(call);
    });
  }
  return channel;
}
