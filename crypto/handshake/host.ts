const NAME = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/;
const IPV6 = /^\[[0-9a-f:.]{2,45}\]$/;
const LONGEST_NAME = 253;

/**
 * True for a host as `aud` and `hosts` write it: lower case, no port, no trailing dot; IPv6 in brackets. One form
 * only, so that comparing is comparing text.
 */
export function isHost(text: unknown): text is string {
  return typeof text === 'string' && text.length <= LONGEST_NAME && (NAME.test(text) || IPV6.test(text));
}
