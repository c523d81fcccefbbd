/** An empty chart as a picture, to see whether pictures can be drawn on this machine. */

/** Whether a picture can be drawn. If not, a note on standard error says why. */
export async function tryPicture(): Promise<boolean> {
  const { figurePng } = await import("../../render/png.js");
  return (await figurePng({ data: [], layout: {}, config: {} })) !== null;
}
