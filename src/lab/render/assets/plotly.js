// Starts the plotly.js that lies packed in the page, and draws figures with it. Runs in a browser.
// Without it, the page says what it says without scripts.
(() => {
  function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
  }
  const plotlyLoaded = (async () => {
    const code = await unpack(document.getElementById("plotly").textContent).text();
    document.head.append(Object.assign(document.createElement("script"), { textContent: code }));
  })();
  plotlyLoaded.catch(() => {
    for (const text of document.querySelectorAll("noscript")) text.replaceWith(text.textContent);
  });

  async function drawPlot(drawing, { data, layout, config, narrow }, isNarrow, ink, width) {
    if (!window.Plotly) await plotlyLoaded;
    const small = isNarrow && narrow;
    const chosen = small ? narrow.layout : layout;
    const traces = small ? data.map((trace, t) => ({ ...trace, ...narrow.data[t] })) : data;
    const font = ink ? { font: { ...chosen.font, color: ink } } : {};
    const options = { responsive: true, ...config, ...(small ? narrow.config : {}) };
    await Plotly.react(drawing, traces, { ...chosen, ...font, ...(width ? { width } : {}) }, options);
    for (const button of drawing.querySelectorAll(".modebar-btn")) {
      button.setAttribute("role", "button");
      if (button.dataset.title) button.setAttribute("aria-label", button.dataset.title);
    }
  }
  Object.assign(window, { unpack, plotlyLoaded, drawPlot });
})();
