/** The process that `data-10m` measures: trains on the file in its argument and prints a {@link LargeRun}. */

import { encodedRows } from "../src/core/data/encoded/encoded-rows.js";
import { isStreamed } from "../src/core/data/encoded/streamed.js";
import { openTable } from "../src/core/data/table/open.js";
import type { Engine } from "../src/core/engine/engine.js";
import { fit } from "../src/core/train/loop/fit.js";
import { smallSample } from "./models.js";
import { residentPeak } from "./peak.js";
import { compiledEngine } from "./steppers.js";
import { millis } from "./timing.js";

/** The results of the process. */
export interface LargeRun {
  readonly encodeRowsPerSecond: number;
  readonly trainRowsPerSecond: number;
  /** Time of the whole loop divided by the time of its steps; above 1 the engine waited for rows. */
  readonly loopOverStep: number;
  readonly encodedPeakMegabytes: number;
  readonly peakMegabytes: number;
  /** Time to open the encoded file again, with all checksums verified. */
  readonly againMillis: number;
}

async function main(file: string): Promise<void> {
  const spec = smallSample();
  const start = performance.now();
  const data = await encodedRows(await openTable(file), spec);
  const encodeRowsPerSecond = (data.rows / (performance.now() - start)) * 1000;
  if (!isStreamed(data)) throw new Error("the rows are in memory");
  const encodedPeakMegabytes = residentPeak();
  const engine = await compiledEngine(spec);
  let stepping = 0;
  const timed: Engine = {
    ...engine,
    get steps() {
      return engine.steps;
    },
    async step(batch, epoch) {
      const begun = performance.now();
      const result = await engine.step(batch, epoch);
      stepping += performance.now() - begun;
      return result;
    },
  };
  const trained = await millis(() => fit(timed, data, null));
  const peak = residentPeak();
  const againMillis = await millis(async () => encodedRows(await openTable(file), spec));
  const result: LargeRun = {
    encodeRowsPerSecond,
    trainRowsPerSecond: (data.rows / trained) * 1000,
    loopOverStep: trained / stepping,
    encodedPeakMegabytes,
    peakMegabytes: peak,
    againMillis,
  };
  await engine.dispose();
  console.log(JSON.stringify(result));
}

void main(process.argv[2] as string);
