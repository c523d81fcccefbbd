/** Opens, edits, prints and compares TorchEasyRec pipeline configs, and reads their training settings. */

export {
  diffPipelines,
  openPipeline,
  type Pipeline,
  type PipelineDifference,
  type PipelineEdits,
  pipelineModel,
  printPipeline,
  trainingNotes,
} from "./pipeline.js";
