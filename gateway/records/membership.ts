import pg from 'pg';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Membership } from '../ports/membership.ts';
import { RecordsError } from './errors.ts';

/** `alone`: these records are ours; `many`: they are shared by any number of processes that say so, too. */
export type MembershipKind = 'alone' | 'many';

/** One lock for both kinds: shared by the many, held whole by one that is alone. */
const KEY = `hashtext('sealfax membership'), hashtext(current_schema())`;
const TAKE: Readonly<Record<MembershipKind, string>> = {
  alone: `select pg_try_advisory_lock(${KEY}) as got`,
  many: `select pg_try_advisory_lock_shared(${KEY}) as got`,
};

/**
 * A killed process keeps its place until the server notices: at once on the same host, by these keep-alives over a
 * network that says nothing (seconds; ignored on a Unix socket).
 */
const KEEP_ALIVE = `set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3`;

/** How long a start waits for the place of a process that has just died, ms. */
const PATIENCE = 5_000;
/** Between two tries, and after a lost connection, ms. */
const AGAIN = 250;

/**
 * Takes a place with a lock of the session on a connection of its own, and takes it anew when that connection breaks.
 * The pool must reach the server itself or through a proxy that keeps sessions (not by transaction).
 *
 * @throws RecordsError in_use
 */
export async function join(pool: pg.Pool, kind: MembershipKind, parts: PlaceParts): Promise<Membership> {
  const place = new Place(pool, kind, parts);
  await place.take();
  return place;
}

interface PlaceParts {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly log: Log;
  /** How long to wait for others to go, ms. */
  readonly patience: number | undefined;
}

class Place implements Membership {
  readonly lost: Promise<void>;
  readonly #pool: pg.Pool;
  readonly #kind: MembershipKind;
  readonly #parts: PlaceParts;
  readonly #tellLost: () => void;
  #client: pg.Client | undefined;
  #left = false;

  constructor(pool: pg.Pool, kind: MembershipKind, parts: PlaceParts) {
    this.#pool = pool;
    this.#kind = kind;
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.lost = promise;
    this.#tellLost = resolve;
  }

  /** @throws RecordsError in_use when others still have it after our patience, unavailable */
  async take(): Promise<void> {
    const client = await this.#connect();
    const { clock, patience = PATIENCE } = this.#parts;
    const until = clock.monotonic() + patience;
    while (!(await asked(client, TAKE[this.#kind]))) {
      if (clock.monotonic() >= until) {
        await client.end().catch(() => undefined);
        throw refusal(this.#kind);
      }
      await this.#pause();
    }
    this.#client = client;
    client.once('end', () => this.#broken());
    if (this.#left) await this.leave();
  }

  async leave(): Promise<void> {
    this.#left = true;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#pool.options, keepAlive: true });
    client.on('error', (error) => this.#parts.log.warn({ reason: error.message }, 'the connection of our place broke'));
    try {
      await client.connect();
      await client.query(KEEP_ALIVE);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw new RecordsError('unavailable', 'the database does not answer', error);
    }
  }

  #broken(): void {
    if (this.#left) return;
    this.#client = undefined;
    void this.#retake();
  }

  /** While the server is away nobody else gets the place either; what we write meanwhile is guarded by the fences. */
  async #retake(): Promise<void> {
    while (!this.#left) {
      await this.#pause();
      try {
        await this.take();
        return;
      } catch (error) {
        if (error instanceof RecordsError && error.code === 'in_use') {
          this.#parts.log.warn({}, 'another gateway has taken these records; this one ends');
          this.#tellLost();
          return;
        }
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.after(AGAIN, resolve));
  }
}

async function asked(client: pg.Client, question: string): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(question);
  return rows[0]?.got === true;
}

function refusal(kind: MembershipKind): RecordsError {
  const text =
    kind === 'alone'
      ? 'another gateway uses this database; set REDIS_URL for several processes, or name another database'
      : 'a gateway that is alone (started without REDIS_URL) uses this database; stop it, or start it as one of the cluster';
  return new RecordsError('in_use', text);
}
