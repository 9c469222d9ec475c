import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { StationOrder, StationReport, UsageAnswer } from './t38-station.ts';

const STATION = fileURLToPath(new URL('t38-station.ts', import.meta.url));

/** SIP ports of the two stations, far from the standard one. */
const PORTS = { placing: 17_060, taking: 17_061 } as const;

/**
 * Garbage is collected by the one thread that makes it: V8's helpers would compete with it for the one core that it is held to,
 * and the thread spins while it waits for them.
 */
const FLAGS = ['--single-threaded-gc', '--expose-gc'] as const;

/** A station in a process of its own, held to one core. */
export class StationProcess {
  readonly report: Promise<StationReport>;
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;

  constructor(core: 0 | 1, order: StationOrder) {
    const args = ['-c', String(core), process.execPath, ...FLAGS, STATION, JSON.stringify(order)];
    this.#child = spawn('taskset', args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#ready = this.#said('ready');
    this.report = this.#said<StationReport>('datagrams');
    // Whoever waits for it is told; nobody need.
    this.report.catch(() => {});
  }

  /** @throws when it ends before */
  async ready(): Promise<this> {
    await this.#ready;
    return this;
  }

  /** Its memory after the garbage is gone, and the processor time that it has used. */
  usage(): Promise<UsageAnswer> {
    const answer = this.#said<UsageAnswer>('memory');
    this.#child.send('usage');
    return answer;
  }

  kill(): void {
    this.#child.kill();
  }

  /** The next message that has the field. */
  #said<T>(field: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const heard = (message: unknown) => {
        if (typeof message !== 'object' || message === null || !(field in message)) return;
        this.#child.off('message', heard);
        this.#child.off('exit', ended);
        resolve(message as T);
      };
      const ended = (code: number | null) => reject(new Error(`a station ended with status ${code}`));
      this.#child.on('message', heard);
      this.#child.once('exit', ended);
    });
  }
}

/** Two stations of ours with calls between them: one on each core. */
export interface Pair {
  readonly placing: StationProcess;
  readonly taking: StationProcess;
}

/** How a pair is loaded. */
export interface PairLoad {
  readonly calls: number;
  readonly ramp: number;
  readonly seconds: number;
}

/** Starts the station that takes calls on core 1, then the one that places them on core 0. */
export async function startPair(load: PairLoad): Promise<Pair> {
  const order = { ...load, media: [0, 0], incoming: 10_000 } as const;
  const taking = new StationProcess(1, { ...order, does: 'take', port: PORTS.taking, peer: PORTS.placing });
  await taking.ready();
  const placing = new StationProcess(0, { ...order, does: 'place', port: PORTS.placing, peer: PORTS.taking });
  return { placing: await placing.ready(), taking };
}
