// Requests that this kernel alone answers.

/** The content of the kernel's reply; null if the kernel is another one, or ends. */
export async function askKernel(panel, msgType, content, KernelMessage) {
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel || kernel.status === "dead" || (await kernel.info).implementation !== "pepnet") return null;
  const { clientId: session, username } = kernel;
  const request = KernelMessage.createMessage({ msgType, channel: "shell", session, username, content });
  const future = kernel.sendShellMessage(request, true);
  return new Promise((resolve) => {
    future.onReply = (reply) => {
      resolve(reply.content);
      future.dispose();
    };
    future.done.catch(() => resolve(null)); // the kernel ended
  });
}
