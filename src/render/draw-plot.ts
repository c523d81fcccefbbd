/** What the scripts of all pages share: drawing a figure, and names for Plotly's buttons, for screen readers. */

/**
 * Plain JavaScript that uses the global `Plotly`. `drawPlot(drawing, figure, isNarrow, ink)` draws a figure in the phone's
 * layout, if it is narrow and has one, and in a colour of texts, if one is passed. Plotly has the names of its buttons in
 * `data-title` only.
 */
export const drawPlot: string = `
async function drawPlot(drawing, { data, layout, config, narrow }, isNarrow, ink) {
  const small = isNarrow && narrow;
  const chosen = small ? narrow.layout : layout;
  const traces = small ? data.map((trace, t) => ({ ...trace, ...narrow.data[t] })) : data;
  const font = ink ? { font: { ...chosen.font, color: ink } } : {};
  const options = { responsive: true, ...config, ...(small ? narrow.config : {}) };
  await Plotly.react(drawing, traces, { ...chosen, ...font }, options);
  for (const button of drawing.querySelectorAll(".modebar-btn")) {
    button.setAttribute("role", "button");
    if (button.dataset.title) button.setAttribute("aria-label", button.dataset.title);
  }
}`;
