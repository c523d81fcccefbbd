/** Scripts that the package's font lacks, so that pictures use fonts of the machine. */
export const otherScripts: RegExp =
  /[\u0900-\u0e7f\u0f00-\u10ff\u1100-\u13ff\u1700-\u1cff\u2e80-\ua4ff\uac00-\uffef]|[\u{1f000}-\u{3ffff}]/u;
