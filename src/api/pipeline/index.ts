/** TorchEasyRec pipeline configs as files: opened, edited, printed, compared, and read for what they say of a training. */

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
