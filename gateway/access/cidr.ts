import { BlockList, isIP } from 'node:net';
import { canonicalAddress } from './address.ts';
import { AccessError } from './errors.ts';

/** More rules than this on one account or user are refused: they are read at every request. */
const MAX_RULES = 256;

interface Rule {
  readonly network: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * Checks and canonicalises CIDR rules (RFC 4632, RFC 4291 §2.3): `192.0.2.0/24`, `2001:db8::/32` or one bare address.
 *
 * @throws AccessError `cidr_invalid` with a pointer to the rule
 */
export function parseRules(rules: readonly string[], pointer = '/cidrs'): string[] {
  if (rules.length > MAX_RULES) throw new AccessError('cidr_invalid', `at most ${MAX_RULES} rules`, pointer);
  return rules.map((text, index) => {
    const rule = parseRule(text);
    if (rule === undefined) {
      throw new AccessError('cidr_invalid', 'not a CIDR rule; write it as 192.0.2.0/24', `${pointer}/${index}`);
    }
    return `${rule.network}/${rule.prefix}`;
  });
}

function parseRule(text: string): Rule | undefined {
  const match = /^([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text);
  const written = match?.[1] ?? '';
  const network = canonicalAddress(written);
  if (network === undefined) return undefined;
  const mapped = written.includes(':') && !network.includes(':');
  const bits = isIP(network) === 4 ? 32 : 128;
  const prefix = match?.[2] === undefined ? bits : Number(match[2]) - (mapped ? 96 : 0);
  if (prefix < 0 || prefix > bits) return undefined;
  return { network, prefix, family: bits === 32 ? 'ipv4' : 'ipv6' };
}

/** Rule lists come from cached rows, so each array is compiled once. */
const compiled = new WeakMap<readonly string[], BlockList>();

function compile(rules: readonly string[]): BlockList {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const rule of rules.map(parseRule)) {
    if (rule !== undefined) list.addSubnet(rule.network, rule.prefix, rule.family);
  }
  compiled.set(rules, list);
  return list;
}

/** Whether `address` may come in under `rules`. No rules allow everyone; rules that cannot be read allow nobody. */
export function allowed(rules: readonly string[], address: string): boolean {
  if (rules.length === 0) return true;
  const canonical = canonicalAddress(address);
  if (canonical === undefined) return false;
  return compile(rules).check(canonical, canonical.includes(':') ? 'ipv6' : 'ipv4');
}
