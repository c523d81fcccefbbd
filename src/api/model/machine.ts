/** What `pepnet doctor` tries on this machine. */
import { idFeature } from "../../core/builder/id-feature.js";
import { pepnet } from "./model.js";

const rowNumbers = Array.from({ length: 200 }, (_, row) => row);

/** Trains a small model with the default engine. Returns the engine's name, and a note if it is a slower one. */
export async function tryEngine(): Promise<{ readonly engine: string; readonly note: string | null }> {
  const model = pepnet()
    .features(idFeature("user").buckets(10).embedding(4))
    .labels("click")
    .group("uia", ["user"])
    .ppnet({ hidden: [8] })
    .tower("ctr", (t) => t.label("click").mlp(8).bce());
  const columns = {
    user: Int32Array.from(rowNumbers, (row) => row % 10),
    click: Int32Array.from(rowNumbers, (row) => row % 2),
  };
  const run = await model.fit(columns, { steps: 2, validation: null, quiet: true });
  const { defaultEngine } = await import("../../core/engine/compiled/onnxruntime.js");
  const result = { engine: await run.engineName(), note: defaultEngine().note };
  await run.dispose();
  return result;
}

export async function tryPicture(): Promise<boolean> {
  const { figurePng } = await import("../../lab/render/png.js");
  return (await figurePng({ data: [], layout: {}, config: {} })) !== null;
}
