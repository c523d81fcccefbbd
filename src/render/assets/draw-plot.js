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
}
