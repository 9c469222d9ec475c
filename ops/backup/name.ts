/** What the name of a backup tells. */
export interface BackupName {
  readonly name: string;
  /** First characters of the gateway's pin, so that several gateways may share a target. */
  readonly gateway: string;
  /** Milliseconds since 1970, whole seconds: when the copy was taken. */
  readonly at: number;
}

/** Letters of the pin in a name. base64url without `_` and `-`, which would look odd there. */
const PIN_LETTERS = 8;

/** The mark of a gateway in the names of its backups. */
export function gatewayMark(pin: string): string {
  return pin.replace(/[^A-Za-z0-9]/g, '').slice(0, PIN_LETTERS);
}

/** `sealfax-<gateway>-<UTC time>-<end of the id>.sfb`; names of one gateway sort by time. */
export function backupName(pin: string, at: number, id: string): string {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  return `sealfax-${gatewayMark(pin)}-${time}-${id.slice(-8)}.sfb`;
}

const NAME = /^sealfax-([A-Za-z0-9]{1,8})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-z]{8}\.sfb$/;

/** What `name` tells, or undefined when no gateway made it. */
export function parseBackupName(name: string): BackupName | undefined {
  const [, gateway, year, month, day, hour, minute, second] = NAME.exec(name) ?? [];
  if (gateway === undefined) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : { name, gateway, at };
}
