/** Memory that cells' compilation leaves goes back to the system when nobody waits. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { Conversation } from "./conversation.js";

it("a kernel left alone after many cells holds less heap than during them, and goes on", async () => {
  // From a snapshot the compiler's heap is there from the start, and 40 cells add less than a collection is worth.
  vi.stubEnv("PEPNET_KERNEL_SNAPSHOT", "off");
  const talk = await Conversation.start();
  vi.unstubAllEnvs();
  const heap = async (): Promise<number> => Number((await talk.run("process.memoryUsage().heapTotal")).text);
  for (let n = 0; n < 40; n++) await talk.run(`const value${n} = { n: ${n}, text: "cell ${n}" };`);
  const during = await heap();
  await sleep(8_000);
  expect(await heap()).toBeLessThan(during - 2 ** 24);
  expect((await talk.run("value0.n + value39.n")).text).toBe("39");
  await talk.end();
});
