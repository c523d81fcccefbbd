// Sends the code of a clicked point to the kernel of its notebook, which runs it if it has offered it.
const target = "pepnet.click";

/** The plugin. */
export function clicksPlugin({ INotebookTracker }) {
  return {
    id: "pepnet-plotly:clicks",
    description: "Looks into what is clicked in a figure.",
    autoStart: true,
    requires: [INotebookTracker],
    activate(_app, tracker) {
      document.addEventListener("pepnet-click", ({ target: node, detail }) => {
        const panel = tracker.find(({ node: place }) => place.contains(node));
        const kernel = panel?.sessionContext.session?.kernel;
        const { channel, call, show } = detail;
        if (!kernel || !channel) return show();
        let isAnswered = false;
        const comm = kernel.createComm(target);
        comm.onMsg = () => {
          isAnswered = true;
        };
        comm.onClose = () => isAnswered || show(); // of a kernel that was restarted since
        comm.open({});
        comm.send({ channel, call });
      });
    },
  };
}
