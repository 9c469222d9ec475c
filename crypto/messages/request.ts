import { equalBytes } from '../bytes.ts';
import { SealError } from '../errors.ts';
import { type RandomSource, randomBytes } from '../random.ts';
import { splitPrefix } from '../stream/prefix.ts';
import { type ByteSource, openRecords, type SealOptions } from '../stream/records.ts';
import { type OpenedMessage, type RequestHead, requestHead, splitHead } from './head.ts';
import { MESSAGE_HEADER_SIZE, type MessageHeader, parseHeader, SALT_SIZE } from './header.ts';
import { type MessagePlace, messageSecrets, NO_REQUEST_SALT } from './message-secrets.ts';
import { type MessageBody, NO_BODY, sealMessage } from './seal.ts';
import type { MessageSession } from './session.ts';

/** A request on its way out. `seq` and `salt` are needed to open its response. */
export interface SealedRequest {
  readonly seq: number;
  /** 32 octets. */
  readonly salt: Uint8Array;
  /** Body of `POST /sfx1/m`. */
  readonly bytes: AsyncGenerator<Uint8Array>;
}

/**
 * Seals a request under a `seq` that this session has not used. A retry is sealed anew, under a new `seq`.
 *
 * @param random for vectors only
 */
export function sealRequest(
  session: MessageSession,
  seq: number,
  head: RequestHead,
  body: MessageBody = NO_BODY,
  options: SealOptions = {},
  random: RandomSource = randomBytes,
): SealedRequest {
  const salt = random(SALT_SIZE);
  const place: MessagePlace = { type: 'request', seq, salt, rsalt: NO_REQUEST_SALT };
  return { seq, salt, bytes: sealMessage(session, place, head, body, options) };
}

/** A request whose header has been read and whose session is not yet known. */
export interface IncomingRequest {
  readonly header: MessageHeader;
  /** What follows the header. Close it when the request is refused. */
  readonly rest: AsyncGenerator<Uint8Array>;
}

/**
 * First step of the server's order (SPEC.md §7): reads and checks 96 octets. The caller then looks the session up by
 * `header.sid` and its window by `header.seq`. Throws `truncated`, `header`, or `direction` for a response.
 */
export async function readRequestHeader(source: ByteSource): Promise<IncomingRequest> {
  const { prefix, rest } = await splitPrefix(source, MESSAGE_HEADER_SIZE);
  try {
    const header = parseHeader(prefix);
    if (header.type !== 'request') throw new SealError('direction');
    return { header, rest };
  } catch (failure) {
    await rest.return(undefined);
    throw failure;
  }
}

/** A request whose first record is authentic. */
export interface OpenedRequest extends OpenedMessage<RequestHead> {
  readonly seq: number;
  /** 32 octets, for the response. */
  readonly salt: Uint8Array;
}

/**
 * Next step: derives, compares the commitment and opens record 0. Afterwards, and only then, the caller marks `seq`
 * (atomically) and streams the body, which may be committed only when it has ended by itself. Throws `binding`
 * (another session), `commit`, `record`, `truncated` or `head`, with the source closed.
 */
export async function openRequest(session: MessageSession, incoming: IncomingRequest): Promise<OpenedRequest> {
  const { header, rest } = incoming;
  const { seq, salt } = header;
  try {
    if (!equalBytes(header.sid, session.sid)) throw new SealError('binding');
    const secrets = await messageSecrets(session, { type: 'request', seq, salt, rsalt: NO_REQUEST_SALT });
    if (!equalBytes(secrets.commit, header.commit)) throw new SealError('commit');
    const opened = await splitHead(openRecords(secrets, header.octets, rest), requestHead);
    return { ...opened, seq, salt };
  } catch (failure) {
    await rest.return(undefined);
    throw failure;
  }
}
