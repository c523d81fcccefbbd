// A JupyterLab extension written by hand, in the form that a build would give it (a module federation container). Its
// parts are the modules beside this file. Nothing is fetched from a network, and no script of a notebook runs, so that
// untrusted notebooks draw as well.
(() => {
  const here = document.currentScript?.src ?? "";
  let scope;

  /** A module of the page; null if it has none, as pages of Voilà have no notebook. */
  async function shared(name) {
    const versions = Object.values(scope[name] ?? {});
    if (versions.length === 0) return null;
    const factory = await versions[versions.length - 1].get();
    return factory();
  }

  const part = (file) => import(new URL(file, here).href);

  async function figures() {
    const { figuresExtension } = await part("figures.js");
    return figuresExtension(await shared("@lumino/widgets"), new URL("plotly.min.js", here).href);
  }

  async function plugins() {
    const parts = ["reload.js", "squiggles.js", "clicks.js", "names.js", "stale.js"].map(part);
    const [{ reloadPlugin }, { squigglesPlugin }, { clicksPlugin }, { namesPlugin }, { stalePlugin }] =
      await Promise.all(parts);
    const names = ["@jupyterlab/notebook", "@jupyterlab/codemirror", "@jupyterlab/services"];
    const editor = ["@codemirror/state", "@codemirror/view"];
    const modules = await Promise.all([...names, ...editor].map(shared));
    if (modules.includes(null)) return [namesPlugin];
    const [notebook, codemirror, services, state, view] = modules;
    const squiggles = squigglesPlugin({ notebook, codemirror, services, state, view });
    return [
      reloadPlugin(notebook, services),
      squiggles,
      clicksPlugin(notebook),
      namesPlugin,
      stalePlugin(notebook, services),
    ];
  }

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["pepnet-plotly"] = {
    init(sharedScope) {
      scope = sharedScope;
    },
    async get(name) {
      const exported = await (name === "./mimeExtension" ? figures() : plugins());
      return () => ({ __esModule: true, default: exported });
    },
  };
})();
