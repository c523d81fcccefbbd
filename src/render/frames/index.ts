/** Charts and tables for every position of some controls. */
export {
  type Frames,
  type FramesControl,
  type FramesPart,
  type FramesTable,
  framesElement,
  framesMime,
  mostFrameBytes,
  packFrames,
  untrustedFrames,
} from "./frames.js";
export { framesScript, framesStyle } from "./script.js";
