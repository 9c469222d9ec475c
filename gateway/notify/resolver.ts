import { lookup, Resolver } from 'node:dns/promises';
import type { Resolve, ResolvedAddress } from './target.ts';

/** One question to a name server, in milliseconds, and how often it is asked. */
const QUESTION_TIMEOUT = 3_000;
const TRIES = 2;

/**
 * Asks the name servers directly. The system's own look-up would know the hosts file too, but runs on the thread pool,
 * where a customer's slow name server would hold up cryptography and files.
 */
export const resolvePublic: Resolve = async (host) => {
  const resolver = new Resolver({ timeout: QUESTION_TIMEOUT, tries: TRIES });
  const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  return [...found(four, 4), ...found(six, 6)];
};

/** The system's look-up, with the hosts file: for tests and for gateways that may post to private hosts. */
export const resolveSystem: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));

function found(answer: PromiseSettledResult<string[]>, family: 4 | 6): ResolvedAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}
