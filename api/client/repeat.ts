import { randomId } from '../../crypto/client.ts';
import { ClientError } from './errors.ts';
import type { Faxes, SendControl, SendRequest } from './faxes.ts';
import { pause } from './pause.ts';
import type { Fax } from './types.ts';

/** How a fax is carried through several calls where the gateway keeps its image for one only. */
export interface DeliverControl extends SendControl {
  /** Uploads after the first one; as many as the fax has `retries` when left out. */
  readonly uploads?: number;
  /** Seconds before each of them; the fax's `retryInterval` when left out. */
  readonly interval?: number;
  /**
   * What to do when some pages arrived and the rest did not. `leave`, the default, answers the partial fax. `again`
   * sends the whole document anew, so that the receiver gets the first pages twice: the rest alone cannot be sent, since
   * the gateway no longer has the pages.
   */
  readonly partial?: 'leave' | 'again';
  /** Told of each fax when the gateway has accepted it. */
  readonly onFax?: (fax: Fax) => void;
}

/** Longest Idempotency-Key that leaves room for the number of an upload. */
const KEY_LENGTH = 250;

/** @see Faxes.deliver */
export async function deliver(
  { send, wait }: Pick<Faxes, 'send' | 'wait'>,
  request: SendRequest,
  control: DeliverControl,
): Promise<Fax> {
  const key = control.idempotencyKey ?? randomId('key');
  if (key.length > KEY_LENGTH)
    throw new ClientError('usage', `an Idempotency-Key has at most ${KEY_LENGTH} characters`);
  for (let upload = 1; ; upload++) {
    const accepted = await send(upload === 1 ? request : unscheduled(request), {
      ...control,
      idempotencyKey: upload === 1 ? key : `${key}-${upload}`,
    });
    control.onFax?.(accepted);
    const fax = await wait(accepted.id, control);
    const wanted = upload <= (control.uploads ?? fax.retries) && isWorthRepeating(fax, control);
    if (!wanted || !(await pause(intervalOf(fax, control), control.signal))) return fax;
  }
}

/** The time of the first call has passed by then. */
function unscheduled({ scheduledAt: _, ...request }: SendRequest): SendRequest {
  return request;
}

/** Where the image outlives the call the gateway has called again by itself, as often as it may. */
function isWorthRepeating(fax: Fax, control: DeliverControl): boolean {
  if (fax.imageLife !== 'call' || !fax.retryable) return false;
  if (fax.state !== 'failed' && !(fax.state === 'partial' && control.partial === 'again')) return false;
  const next = Date.parse(fax.finishedAt ?? fax.updatedAt) + intervalOf(fax, control);
  return fax.deadline === null || next < Date.parse(fax.deadline);
}

/** Milliseconds. */
function intervalOf({ retryInterval }: Fax, { interval = retryInterval }: DeliverControl): number {
  return interval * 1_000;
}
