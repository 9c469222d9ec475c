/** Gives bytes to the person as a file, from memory: no address of the gateway is opened. */
export function giveFile(name: string, type: string, parts: readonly Uint8Array[]): void {
  // Copies into plain buffers, which is what a Blob takes.
  const address = URL.createObjectURL(
    new Blob(
      parts.map((part) => part.slice().buffer),
      { type },
    ),
  );
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address when the click is handled, which is after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
