/** An expression for a page: asks the lab over the window's bridge and is the last message of the answer. */
export const ask = (name: string, request: object): string => `new Promise((resolve) => {
  swaplab.connect((message) => { if (message.type === "reply" || message.type === "failed") resolve(message); }, (why) => resolve({ type: "closed", why }));
  swaplab.send({ type: "call", id: 1, name: ${JSON.stringify(name)}, request: ${JSON.stringify(request)} });
})`;
