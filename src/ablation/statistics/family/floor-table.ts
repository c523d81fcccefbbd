/** Written by `npm run bench -- study-floors`; do not edit. λ by seeds, variants and error: see floor.ts. */

export const seedCounts: readonly number[] = [2, 5];
export const variantCounts: readonly number[] = [2, 8];
export const errors: readonly number[] = [0.01, 0.05];

/** [seeds][variants][error] */
export const floors: readonly (readonly (readonly number[])[])[] = [
  [[0.8, 0.8], [0.8, 0.8]],
  [[0.8, 0.8], [0.8, 0.8]],
];
