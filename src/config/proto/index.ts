/** The schema's sources, in the order of TorchEasyRec's files. All are one package, `tzrec.protos`. */
import { dataProto } from "./data.js";
import { evalProto } from "./eval.js";
import { exportProto } from "./export.js";
import { featureProto } from "./feature.js";
import { lossProto } from "./loss.js";
import { metricProto } from "./metric.js";
import { modelProto } from "./model.js";
import { multiTaskRankProto } from "./models/multi-task-rank.js";
import { othersProto } from "./models/others.js";
import { moduleProto } from "./module.js";
import { optimizerProto } from "./optimizer.js";
import { pipelineProto } from "./pipeline.js";
import { samplerProto } from "./sampler.js";
import { seqEncoderProto } from "./seq-encoder.js";
import { structProto } from "./struct.js";
import { towerProto } from "./tower.js";
import { trainProto } from "./train.js";

/** Every `.proto` text, to be parsed into one root. */
export const protoSources: readonly string[] = [
  structProto,
  pipelineProto,
  trainProto,
  evalProto,
  exportProto,
  dataProto,
  samplerProto,
  modelProto,
  multiTaskRankProto,
  othersProto,
  towerProto,
  moduleProto,
  seqEncoderProto,
  lossProto,
  metricProto,
  optimizerProto,
  featureProto,
];
