import { utf8 } from '../bytes.ts';
import { SealError } from '../errors.ts';
import { type ByteSource, type SealOptions, sealRecords } from '../stream/records.ts';
import { wipe } from '../wipe.ts';
import { encodeHead, type RequestHead, type ResponseHead } from './head.ts';
import { encodeHeader, MESSAGES_PER_SESSION } from './header.ts';
import { type MessagePlace, messageSecrets } from './message-secrets.ts';
import type { MessageSession } from './session.ts';

/** What may stand after a head. Whole bodies are given as a list of one chunk. */
export type MessageBody = ByteSource;

/** The octets of one sealed message: header, then records, each as its own chunk. */
export async function* sealMessage(
  session: MessageSession,
  place: MessagePlace,
  head: RequestHead | ResponseHead,
  body: MessageBody,
  options: SealOptions = {},
): AsyncGenerator<Uint8Array> {
  expectSeq(place.seq);
  const encoded = encodeHead(head);
  const secrets = await messageSecrets(session, place);
  const header = encodeHeader({ ...place, sid: session.sid, commit: secrets.commit });
  yield header;
  yield* sealRecords(secrets, header, headThenBody(encoded, body, options));
}

function expectSeq(seq: number): void {
  if (!Number.isInteger(seq) || seq < 0 || seq >= MESSAGES_PER_SESSION) {
    throw new SealError('usage', 'a session has 2^20 messages');
  }
}

async function* headThenBody(head: Uint8Array, body: MessageBody, options: SealOptions): AsyncGenerator<Uint8Array> {
  yield head;
  wipe(head);
  for await (const chunk of body) {
    yield chunk;
    if (options.wipeSource === true) wipe(chunk);
  }
}

/** An empty body. */
export const NO_BODY: MessageBody = [];

/** A body of one text, such as JSON. */
export function textBody(text: string): MessageBody {
  return [utf8(text)];
}
