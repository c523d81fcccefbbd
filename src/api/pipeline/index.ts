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
