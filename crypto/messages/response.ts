import { equalBytes } from '../bytes.ts';
import { SealError } from '../errors.ts';
import { type RandomSource, randomBytes } from '../random.ts';
import { splitPrefix } from '../stream/prefix.ts';
import { type ByteSource, openRecords, type SealOptions } from '../stream/records.ts';
import { type OpenedMessage, type ResponseHead, responseHead, splitHead } from './head.ts';
import { MESSAGE_HEADER_SIZE, type MessageHeader, parseHeader, SALT_SIZE } from './header.ts';
import { messageSecrets } from './message-secrets.ts';
import { type MessageBody, NO_BODY, sealMessage } from './seal.ts';
import type { MessageSession } from './session.ts';

/**
 * Seals the response to the request with this `seq` and salt.
 *
 * @param random for vectors only
 */
export function sealResponse(
  session: MessageSession,
  seq: number,
  requestSalt: Uint8Array,
  head: ResponseHead,
  body: MessageBody = NO_BODY,
  options: SealOptions = {},
  random: RandomSource = randomBytes,
): AsyncGenerator<Uint8Array> {
  const place = { type: 'response', seq, salt: random(SALT_SIZE), rsalt: requestSalt } as const;
  return sealMessage(session, place, head, body, options);
}

/** What the client remembers of its request. */
export interface AnsweredRequest {
  readonly seq: number;
  readonly salt: Uint8Array;
}

/**
 * Opens the response to one request. The answer is the server's only when the body has ended by itself. Throws
 * `truncated`, `header`, `direction` (a request), `binding` (another session or seq), `commit` (another request or
 * key), `record` or `head`, with the source closed.
 */
export async function openResponse(
  session: MessageSession,
  request: AnsweredRequest,
  source: ByteSource,
): Promise<OpenedMessage<ResponseHead>> {
  const { prefix, rest } = await splitPrefix(source, MESSAGE_HEADER_SIZE);
  try {
    const header = parseHeader(prefix);
    checkBinding(session, request, header);
    const { seq, salt } = header;
    const secrets = await messageSecrets(session, { type: 'response', seq, salt, rsalt: request.salt });
    if (!equalBytes(secrets.commit, header.commit)) throw new SealError('commit');
    return await splitHead(openRecords(secrets, header.octets, rest), responseHead);
  } catch (failure) {
    await rest.return(undefined);
    throw failure;
  }
}

function checkBinding(session: MessageSession, request: AnsweredRequest, header: MessageHeader): void {
  if (header.type !== 'response') throw new SealError('direction');
  if (!equalBytes(header.sid, session.sid) || header.seq !== request.seq) throw new SealError('binding');
}
