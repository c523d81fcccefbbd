// A JupyterLab extension written by hand, in the form that a build would give it (a module federation container):
// draws application/vnd.plotly.v1+json with the plotly.min.js that lies beside this file. Nothing is fetched from a
// network, and no script of a notebook runs, so that untrusted notebooks draw as well.
(() => {
  const here = document.currentScript?.src ?? "";
  const mimeType = "application/vnd.plotly.v1+json";
  const defaultHeight = 450; // Plotly's own
  const leastWidth = 640; // below this many pixels a figure scrolls: labels would cover each other
  let scope;
  let loading;

  function loadPlotly() {
    loading ??= new Promise((resolve, reject) => {
      const define = window.define;
      window.define = undefined; // plotly.min.js would register with an AMD loader instead of the window
      const script = document.createElement("script");
      script.src = new URL("plotly.min.js", here).href;
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

  async function shared(name) {
    const versions = Object.values(scope[name]);
    const factory = await versions[versions.length - 1].get();
    return factory();
  }

  // A figure without a paper of its own stands on the page, so its text takes the page's colour, light or dark.
  function onPage(layout, node) {
    const isClear = /^(transparent|rgba\([^)]*,\s*0\))$/.test(layout?.paper_bgcolor ?? "");
    const ink = getComputedStyle(node).getPropertyValue("--jp-content-font-color1").trim();
    return isClear && ink !== "" ? { ...layout, font: { ...layout.font, color: ink } } : { ...layout };
  }

  async function createExtension() {
    const { Widget } = await shared("@lumino/widgets");

    class PlotlyWidget extends Widget {
      constructor() {
        super();
        this.addClass("jp-RenderedPlotly");
        this.node.style.overflow = "auto hidden";
        this.place = this.node.appendChild(document.createElement("div"));
        this.place.style.minWidth = `${leastWidth}px`;
        this.theme = new MutationObserver(() => this.drawn && this.draw());
        this.theme.observe(document.body, { attributeFilter: ["data-jp-theme-name"] });
      }

      async renderModel(model) {
        this.figure = model.data[mimeType];
        await this.draw();
      }

      async draw() {
        const { data, layout, config, frames } = this.figure;
        // Without a height the output, which is as high as its content, and the figure, which fills it, shrink together.
        this.place.style.height = `${layout?.height ?? defaultHeight}px`;
        try {
          const plotly = await loadPlotly();
          // react, not newPlot: an updated display redraws in place.
          await plotly.react(this.place, data ?? [], onPage(layout, this.node), { responsive: true, ...config });
          if (frames?.length) await plotly.addFrames(this.place, frames);
          this.drawn = true;
        } catch (error) {
          this.place.textContent = `The Plotly figure could not be drawn: ${error.message}`;
        }
      }

      onResize() {
        if (this.drawn && this.isVisible) window.Plotly?.Plots.resize(this.place);
      }

      dispose() {
        if (this.isDisposed) return;
        this.theme.disconnect();
        window.Plotly?.purge(this.place);
        super.dispose();
      }
    }

    return {
      id: "pepnet-plotly:plugin",
      rank: 0,
      dataType: "json",
      rendererFactory: { safe: true, mimeTypes: [mimeType], createRenderer: () => new PlotlyWidget() },
    };
  }

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["pepnet-plotly"] = {
    init(sharedScope) {
      scope = sharedScope;
    },
    async get() {
      const extension = await createExtension();
      return () => ({ __esModule: true, default: extension });
    },
  };
})();
