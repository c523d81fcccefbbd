// Names the handle of a slider by the label beside it: ipywidgets leaves it without a name for screen readers.
function nameHandle({ target }) {
  if (!target.matches?.(".noUi-handle:not([aria-label])")) return;
  const label = target.closest(".jupyter-widgets")?.querySelector(".widget-label")?.textContent;
  if (label) target.setAttribute("aria-label", label);
}

/** The plugin. */
export const namesPlugin = {
  id: "pepnet-plotly:names",
  description: "Names sliders for screen readers.",
  autoStart: true,
  activate() {
    document.addEventListener("focusin", nameHandle);
  },
};
