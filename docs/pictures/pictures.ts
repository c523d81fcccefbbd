/** The pictures by name: docs/images has one of each name. */
import { audit } from "./audit.js";
import { benchmark } from "./benchmark.js";
import { conflicts } from "./conflicts.js";
import { cost } from "./cost.js";
import { fields } from "./fields.js";
import { gamma } from "./gamma.js";
import { gates } from "./gates.js";
import { importance } from "./importance.js";
import { launch } from "./launch.js";
import { matter } from "./matter.js";
import { model } from "./model.js";
import { noise } from "./noise.js";
import type { Draw } from "./picture.js";
import { problem } from "./problem.js";
import { stopGradient } from "./stop-gradient.js";
import { together } from "./together.js";
import { towers } from "./towers.js";
import { whichDomain } from "./which-domain.js";
import { worth } from "./worth.js";

/** In the order of the text. */
export const pictures: Readonly<Record<string, Draw>> = {
  gates,
  problem,
  model,
  gamma,
  fields,
  towers,
  "stop-gradient": stopGradient,
  matter,
  noise,
  importance,
  audit,
  conflicts,
  "which-domain": whichDomain,
  launch,
  worth,
  benchmark,
  cost,
  together,
};

/** Those that nothing is trained for: a test draws them again. */
export const untrained = ["model", "towers", "benchmark", "cost", "together"] as const;
