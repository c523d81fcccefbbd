/** The script of a notebook's page. */

/** Draws each figure from its JSON; on failure the static picture, if any, stays. */
export const drawFigures: string = `
for (const place of document.querySelectorAll(".plotly")) {
  const { data, layout, config } = JSON.parse(place.querySelector("script").textContent);
  const drawing = document.createElement("div");
  place.append(drawing);
  const isClear = /^(transparent|rgba\\([^)]*,\\s*0\\))$/.test(layout.paper_bgcolor ?? "");
  const ink = { font: { ...layout.font, color: getComputedStyle(document.body).color } };
  new Promise((drawn) =>
    drawn(Plotly.newPlot(drawing, data, { ...layout, ...(isClear ? ink : {}) }, { responsive: true, ...config })))
    .then(() => {
      place.querySelector("img")?.remove();
      if (isClear) recoloured(drawing);
    })
    .catch(() => drawing.remove());
}
function recoloured(drawing) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    Plotly.relayout(drawing, { "font.color": getComputedStyle(document.body).color }));
}`;
