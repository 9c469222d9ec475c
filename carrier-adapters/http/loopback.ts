/** Whether a URL names this machine by its address (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3) or as RFC 6761 §6.3 reserves it. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(hostname);
}
