import type { FastifyRequest } from 'fastify';
import type { UserId } from '../../gateway/fax/ids.ts';
import { principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';

/**
 * Long waits of one user at once, in one process. Each holds a connection and looks at the records every other second:
 * thousands of them, which one key could open, would be everybody's load.
 */
export const MOST_WAITS = 256;

/** Those that run, by the gateway whose process it is. */
const running = new WeakMap<ApiContext['gateway'], Map<UserId, number>>();

/** Does `wait`, one of few at once for whoever asks. @throws ApiError busy */
export async function waiting<T>({ gateway }: ApiContext, request: FastifyRequest, wait: () => Promise<T>): Promise<T> {
  const { id } = principalOf(request).user;
  const counts = running.get(gateway) ?? new Map<UserId, number>();
  running.set(gateway, counts);
  const others = counts.get(id) ?? 0;
  if (others >= MOST_WAITS) throw new ApiError('busy', `no more than ${MOST_WAITS} requests of a user wait at once`);
  counts.set(id, others + 1);
  try {
    return await wait();
  } finally {
    const left = (counts.get(id) ?? 1) - 1;
    if (left === 0) counts.delete(id);
    else counts.set(id, left);
  }
}
