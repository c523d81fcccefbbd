/** Asks a kernel, after the last cell, for the seeds and data of its run (`util/trail.ts`). */

import type { KernelClient } from "../../kernel/index.js";
import type { Trail } from "../../port/index.js";

const question = 'console.log(JSON.stringify((globalThis as any)[Symbol.for("pepnet.trail")] ?? null))';
const patienceMs = 10_000;

/** The library's trail; null if the kernel has ended, or no cell used a seed or data. */
export async function readTrail(kernel: KernelClient): Promise<Trail | null> {
  if (kernel.death !== null) return null;
  let text = "";
  const { reply } = kernel.execute(
    question,
    ({ header, content }) => {
      if (header.msg_type === "stream" && content.name === "stdout") text += content.text;
    },
    { store_history: false },
  );
  const late = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null).unref());
  const answer = await Promise.race([reply.catch(() => null), late]);
  if (answer?.content.status !== "ok") return null;
  // Prints of an abandoned task in the notebook come before or after, on separate lines.
  const line = text.split("\n").find((each) => each.startsWith("{"));
  try {
    return line === undefined ? null : (JSON.parse(line) as Trail);
  } catch {
    return null;
  }
}
