// Draws application/vnd.plotly.v1+json with the plotly.min.js that lies beside this file. Other extensions draw that type
// too, and the last one that is loaded does so: Python's plotly keeps the first drawing of an output that is updated. So
// the kernel adds a type of its own, which comes first and says that the figure beside it is drawn here.
const mimeType = "application/vnd.plotly.v1+json";
const markType = "application/vnd.pepnet.figure+json";
const defaultHeight = 450; // Plotly's own
const leastWidth = 640; // with fewer pixels labels would cover each other, so a figure is drawn smaller as a whole
const leastScale = 0.4; // smaller text cannot be read at any zoom: then a figure scrolls
const inkName = "--jp-content-font-color1";

let loading;

function loadPlotly(address) {
  loading ??= new Promise((resolve, reject) => {
    const define = window.define;
    window.define = undefined; // plotly.min.js would register with an AMD loader instead of the window
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => {
      window.define = define;
      resolve(window.Plotly);
    };
    script.onerror = () => {
      window.define = define;
      loading = undefined;
      reject(new Error(`could not load ${script.src}`));
    };
    document.head.append(script);
  });
  return loading;
}

/** The text colour of the page around a node; empty while the node is not on the page or the theme is loading. */
function inkAround(node) {
  return getComputedStyle(node).getPropertyValue(inkName).trim();
}

/** A figure without a paper of its own stands on the page, so its text takes the page's colour, light or dark. */
function onPage(layout, ink) {
  const isClear = /^(transparent|rgba\([^)]*,\s*0\))$/.test(layout?.paper_bgcolor ?? "");
  return isClear && ink !== "" ? { ...layout, font: { ...layout.font, color: ink } } : { ...layout };
}

/** The renderer of figures. */
export function figuresExtension({ Widget }, plotlyAddress) {
  class PlotlyWidget extends Widget {
    constructor() {
      super();
      this.addClass("jp-RenderedPlotly");
      this.frame = this.node.appendChild(document.createElement("div"));
      this.place = this.frame.appendChild(document.createElement("div"));
      this.place.style.minWidth = `${leastWidth}px`;
      this.place.style.transformOrigin = "0 0";
      // The colour changes when the user chooses a theme, and when the theme of a reopened page arrives after its figures.
      this.node.style.color = `var(${inkName})`;
      this.node.style.transition = "color 1ms";
      this.node.addEventListener("transitionend", () => this.followInk());
    }

    async renderModel(model) {
      this.figure = model.data[mimeType];
      await this.draw();
    }

    async draw() {
      const { data, layout, config, frames } = this.figure;
      // Without a height the output, which is as high as its content, and the figure, which fills it, shrink together.
      this.place.style.height = `${layout?.height ?? defaultHeight}px`;
      this.scale();
      try {
        const plotly = await loadPlotly(plotlyAddress);
        const ink = inkAround(this.node);
        // react, not newPlot: an updated display redraws in place.
        await plotly.react(this.place, data ?? [], onPage(layout, ink), { responsive: true, ...config });
        if (frames?.length) await plotly.addFrames(this.place, frames);
        this.ink = ink;
      } catch (error) {
        this.place.textContent = `The Plotly figure could not be drawn: ${error.message}`;
        return;
      }
      this.listen();
      this.followInk(); // it may have changed meanwhile
    }

    /** On a narrow page, or a page at 200%, the whole figure is smaller. Plotly follows transforms, so points are hit. */
    scale() {
      const { clientWidth } = this.node;
      const scale = clientWidth === 0 ? 1 : Math.min(1, Math.max(leastScale, clientWidth / leastWidth));
      this.place.style.transform = scale === 1 ? "" : `scale(${scale})`;
      // Browsers count the width before the transform.
      this.frame.style.overflow = clientWidth < leastScale * leastWidth ? "auto hidden" : "hidden";
      this.frame.style.height = scale === 1 ? "" : `${Math.ceil(scale * parseFloat(this.place.style.height))}px`;
    }

    /** A click on a point that names code runs it in the kernel (clicks.js); without one, the code is shown. */
    listen() {
      if (this.listens || !this.figure.data?.some(({ meta }) => meta?.calls)) return;
      this.listens = true;
      this.place.style.cursor = "pointer";
      this.call = this.node.appendChild(document.createElement("code"));
      this.place.on("plotly_click", ({ points: [point] }) => {
        const call = [point.pointNumber].flat().reduce((calls, index) => calls?.[index], point.data.meta?.calls);
        if (typeof call !== "string") return;
        this.call.textContent = "";
        const show = () => {
          this.call.textContent = `To look into it, run: ${call}`;
        };
        const detail = { channel: this.figure.layout?.meta?.clicks, call, show };
        this.node.dispatchEvent(new CustomEvent("pepnet-click", { bubbles: true, detail }));
      });
    }

    /** Draws again if the page's text has another colour than the drawn text. */
    followInk() {
      if (this.ink !== undefined && !this.isDisposed && inkAround(this.node) !== this.ink) this.draw();
    }

    onAfterAttach() {
      this.scale();
      this.followInk();
    }

    onAfterShow() {
      this.followInk();
    }

    onResize() {
      if (this.ink === undefined || !this.isVisible) return;
      this.scale();
      window.Plotly?.Plots.resize(this.place);
    }

    dispose() {
      if (this.isDisposed) return;
      window.Plotly?.purge(this.place);
      super.dispose();
    }
  }

  return {
    id: "pepnet-plotly:plugin",
    rank: -1, // before Plotly's type, whoever draws it
    dataType: "json",
    rendererFactory: { safe: true, mimeTypes: [markType, mimeType], createRenderer: () => new PlotlyWidget() },
  };
}
