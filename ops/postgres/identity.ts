import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { PostgresError, USE_A_SERVER } from './errors.ts';

/** Who runs the server: PostgreSQL refuses to run as root, so root lends it an unprivileged user id. */
export interface ServerIdentity {
  /** Set when the gateway is root: the ids under which its children run. */
  readonly drop: { readonly uid: number; readonly gid: number } | null;
  /** Operating system user name of the gateway itself: the only one that the server's peer authentication admits. */
  readonly gatewayUser: string;
}

/**
 * The identity for this process. `nobody` is taken because initdb looks its own user up in the user database, so a free
 * number without an entry does not do. Its files stay out of reach of other programs under that id, because they lie
 * below a directory that only root may enter.
 *
 * @throws PostgresError no_user
 */
export async function serverIdentity(): Promise<ServerIdentity> {
  const gatewayUser = ownName();
  if (process.getuid?.() !== 0) return { drop: null, gatewayUser };
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const nobody = parsePasswd(passwd).find((entry) => entry.name === 'nobody');
  if (nobody === undefined || nobody.uid === 0) {
    throw new PostgresError(
      'no_user',
      `PostgreSQL refuses to run as root and there is no user "nobody" to run it; start the gateway as an ordinary user, ${USE_A_SERVER}`,
    );
  }
  return { drop: { uid: nobody.uid, gid: nobody.gid }, gatewayUser };
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new PostgresError(
      'no_user',
      `user id ${process.getuid?.()} has no entry in the user database, which PostgreSQL needs; add one, ${USE_A_SERVER}`,
      error,
    );
  }
}

/** Entries of a passwd(5) file. */
export function parsePasswd(text: string): { readonly name: string; readonly uid: number; readonly gid: number }[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map((fields) => ({ name: fields[0] ?? '', uid: Number(fields[2]), gid: Number(fields[3]) }))
    .filter((entry) => Number.isInteger(entry.uid) && Number.isInteger(entry.gid));
}
