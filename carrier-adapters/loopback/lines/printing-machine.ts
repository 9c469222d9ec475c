import type { IncomingCall, IncomingPageInfo } from '../../../gateway/ports/carrier-adapter.ts';
import type { CallEvent, CallInput } from '../../sip-t38/call/call-io.ts';
import type { LiveCall } from '../../sip-t38/live-call.ts';
import { PAGE_LIMIT, type Paper } from '../network/paper.ts';
import type { Behaviour } from '../network/rules.ts';

/** What a machine is plugged into. */
export interface Socket {
  readonly live: LiveCall;
  /** Name of its call. */
  readonly reference: string;
  /** Number of page `index` (from 0) on the caller's side. */
  pageNumber(index: number): number;
  readonly paper: Paper;
  /** From now on nothing that the machine sends is heard. */
  mute(): void;
}

/** A fax machine behind the engine: prints what comes, or does to a page what its rule says. */
export class PrintingMachine implements IncomingCall {
  readonly #behaviour: Behaviour;
  readonly #socket: Socket;
  #page: IncomingPageInfo | null = null;
  #blocks: Uint8Array[] = [];
  #octets = 0;
  /** Pages kept. */
  #kept = 0;
  #rtns: number;
  #refused = false;

  constructor(behaviour: Behaviour, socket: Socket) {
    this.#behaviour = behaviour;
    this.#socket = socket;
    this.#rtns = behaviour.does === 'rtn' ? behaviour.times : 0;
  }

  /** The call as whoever takes its pages drives it: a page that the rule refuses is answered with RTN, however good it is. */
  get driven(): Pick<LiveCall, 'tell' | 'next'> {
    const { live } = this.#socket;
    return {
      tell: (input: CallInput) => live.tell(this.#judged(input)),
      next: (): Promise<CallEvent> => live.next(),
    };
  }

  async answered(): Promise<void> {}

  async beginPage(info: IncomingPageInfo): Promise<void> {
    this.#page = info;
    if (this.#isAt('hang_up')) this.#socket.live.tell({ type: 'cut', why: 'cut' });
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#octets += chunk.length;
    if (this.#octets > PAGE_LIMIT) throw new RangeError('the machine has no memory for the page');
    this.#blocks.push(chunk.slice());
  }

  async endPage({ rows }: { readonly rows: number }): Promise<void> {
    this.#refused = this.#isAt('rtn') && this.#rtns > 0;
    if (this.#refused) {
      this.#rtns--;
      this.#spoil();
      return;
    }
    await this.#print(rows);
    if (this.#isAt('vanish')) this.#socket.mute();
    this.#kept++;
  }

  async dropPage(): Promise<void> {
    this.#spoil();
  }

  async ended(): Promise<void> {
    this.#spoil();
  }

  #judged(input: CallInput): CallInput {
    return input.type === 'page_verdict' && this.#refused ? { type: 'page_verdict', verdict: 'bad' } : input;
  }

  #isAt(does: 'hang_up' | 'rtn' | 'vanish'): boolean {
    const behaviour = this.#behaviour;
    return behaviour.does === does && behaviour.page === this.#kept + 1;
  }

  async #print(rows: number): Promise<void> {
    if (this.#page === null) return;
    const { reference, paper } = this.#socket;
    const sheet = paper.sheet(reference, { number: this.#socket.pageNumber(this.#kept), rows, ...this.#page });
    for (const block of this.#blocks) await sheet.block(block);
    await sheet.whole();
    this.#spoil();
  }

  #spoil(): void {
    for (const block of this.#blocks) block.fill(0);
    this.#blocks = [];
    this.#octets = 0;
    this.#page = null;
  }
}
