/** Tails and quantiles of distributions. */
export {
  chiSquareCdf,
  chiSquareDensity,
  chiSquareQuantile,
  chiSquareTail,
  chiSquareTailQuantile,
  normalCdf,
  normalQuantile,
  normalTails,
  studentQuantile,
  studentTails,
} from "./distributions.js";
