import { ApiProblem, ClientError, type Fax, SealError } from '../../api/client/index.ts';
import { CAUSES } from '../../gateway/fax/cause.ts';

/**
 * Exit statuses by cause, so that a script can tell a busy line from a wrong password. `sealfax help exit` prints this
 * table.
 */
export const EXIT = {
  ok: [0, 'Done; for a sent fax: delivered.'],
  internal: [1, 'A fault of the program.'],
  usage: [2, 'The command line, a file or the environment is wrong.'],
  unreachable: [3, 'The gateway cannot be reached, or went silent.'],
  untrusted: [4, 'The server is not the gateway of the pin, or an answer was changed on its way.'],
  denied: [5, 'The log-in was refused, or the user may not do this.'],
  refused: [6, 'The gateway refuses the request: number, document or option.'],
  not_found: [7, 'There is no such fax, page, account or endpoint.'],
  conflict: [8, 'The state of the thing does not allow this.'],
  busy: [9, 'The gateway is busy, stopping or out of room; try again.'],
  not_valid: [10, 'What was to be verified is not genuine.'],
  receiver: [20, 'The fax failed at the receiver: busy, no answer, no fax machine, hung up.'],
  sender: [21, 'The fax failed for a reason of the sender: number, document, deadline.'],
  carrier: [22, 'The fax failed at the carrier or on the line.'],
  gateway: [23, 'The fax failed in the gateway.'],
  partial: [24, 'Some pages were delivered, then the fax ended.'],
  canceled: [25, 'The fax was canceled.'],
  uncertain: [26, 'A page may or may not be on paper; decide with resend.'],
  trunk_fault: [27, 'A trunk has a fault that keeps its faxes from going.'],
  interrupted: [130, 'Interrupted from the keyboard.'],
  unread: [141, 'Whoever read the output has gone.'],
} as const satisfies Record<string, readonly [number, string]>;

/** A name of the table. */
export type ExitName = keyof typeof EXIT;

/** The number for `name`. */
export function exitStatus(name: ExitName): number {
  return EXIT[name][0];
}

/** A command that cannot be carried out as written; `message` is for the person. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exit: ExitName;

  constructor(exit: ExitName, message: string) {
    super(message);
    this.exit = exit;
  }
}

/** What a fax that has ended means for the exit status. */
export function exitOfFax({ state, cause }: Pick<Fax, 'state' | 'cause'>): ExitName {
  if (state === 'delivered') return 'ok';
  if (state === 'partial' || state === 'canceled' || state === 'uncertain') return state;
  if (state !== 'failed') return 'internal';
  const side = isCause(cause) ? CAUSES[cause].side : 'gateway';
  return side === 'none' ? 'gateway' : side;
}

function isCause(text: string | null): text is keyof typeof CAUSES {
  return text !== null && Object.hasOwn(CAUSES, text);
}

/** What an exception means for the exit status. */
export function exitOfError(error: unknown): ExitName {
  if (error instanceof CliError) return error.exit;
  if (error instanceof ApiProblem) return exitOfProblem(error);
  if (error instanceof ClientError) return EXIT_OF_CLIENT[error.code];
  if (error instanceof SealError)
    return error.code === 'connection_string' || error.code === 'key' ? 'usage' : 'not_valid';
  return isFileError(error) ? 'usage' : 'internal';
}

function exitOfProblem({ status, code }: ApiProblem): ExitName {
  if (code === 'too_many_queued' || code === 'cap_reached' || status >= 500)
    return code === 'internal' ? 'internal' : 'busy';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404 || status === 410) return 'not_found';
  return status === 409 ? 'conflict' : 'refused';
}

const EXIT_OF_CLIENT: Readonly<Record<ClientError['code'], ExitName>> = {
  unreachable: 'unreachable',
  timeout: 'unreachable',
  aborted: 'interrupted',
  untrusted_server: 'untrusted',
  transport_rejected: 'untrusted',
  answer_rejected: 'untrusted',
  busy: 'busy',
  closed: 'internal',
  session_over: 'internal',
  webhook_rejected: 'not_valid',
  usage: 'usage',
};

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'you may not read or write it',
  EPERM: 'you may not read or write it',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of it is a file, not a folder',
  EEXIST: 'it is there already',
  ENOSPC: 'there is no room left on its disk',
  EROFS: 'its disk takes nothing',
};

/** What a fault of the file system means for a person, such as `letter.pdf: there is no such file or folder`; else undefined. */
export function fileFault(error: unknown): string | undefined {
  if (!isFileError(error)) return undefined;
  const fault = FILE_FAULTS[error.code ?? ''];
  return fault === undefined ? undefined : `${error.path ?? ''}: ${fault}`;
}
