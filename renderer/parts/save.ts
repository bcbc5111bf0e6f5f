/** Gives a file to the person. */
export function saveFile(name: string, content: string | Uint8Array, type = "text/plain"): void {
  const address = URL.createObjectURL(new Blob([typeof content === "string" ? content : new Uint8Array(content)], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
