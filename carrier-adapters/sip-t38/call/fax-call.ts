import type { AudioMedia, Media, T38Media } from '../sdp/media.ts';
import type { AgentEvent, EndedEvent } from '../sip/agent/events.ts';
import type { Order } from '../sip/agent/orders.ts';
import type { T30Input } from '../t30/machine.ts';
import type { Outcome } from '../t30/outcome.ts';
import { parseDatagram } from '../udptl/datagram.ts';
import { Alarms } from './alarms.ts';
import { AudioStream } from './audio.ts';
import type { CallEvent, CallInput, CallOutput, Ending, EndWish, FaxCallOptions } from './call-io.ts';
import { earliest } from './deadline.ts';
import { Descriptions } from './descriptions.ts';
import { FaxStream, type FaxStreamOutput } from './fax-stream.ts';
import { createMachine } from './machine.ts';
import { CallRecord } from './record.ts';
import { looksLikeRtp } from './rtp.ts';
import { MediaSource } from './source.ts';
import { FAREWELL, GOODBYE, LINGER, NO_FAX, STRAGGLERS } from './timers.ts';
import { CED, type FaxTone } from './tones.ts';

/** What our Warning headers are signed with (RFC 3261 §20.43). */
const AGENT = 'sealfax';
/** Q.850 causes of our own ends (RFC 3326). */
const NORMAL_CLEARING = 16;
const BEARER_NOT_IMPLEMENTED = 65;

/**
 * `calling`: not answered yet. `audio`: answered, tones in G.711. `fax`: T.38. `leaving`: the procedure is over and its last
 * signal leaves. `ended`: BYE or CANCEL is on its way, or the far side's has come.
 */
type Phase = 'calling' | 'audio' | 'fax' | 'leaving' | 'ended';

/** Deadlines of the call itself. */
type Alarm = 'ring' | 'switch' | 'no_fax' | 'farewell' | 'linger' | 'goodbye';

/**
 * One fax call, placed or taken, from INVITE to BYE: joins the SIP agent's events, the tones of the audio, T.38 and T.30.
 * No clock, no socket, no promise inside; nothing that a peer sends makes it throw.
 */
export class FaxCall {
  readonly #options: FaxCallOptions;
  readonly #descriptions: Descriptions;
  readonly #record = new CallRecord();
  readonly #alarms = new Alarms<Alarm>();
  #phase: Phase = 'calling';
  #media: Media | null = null;
  #source = new MediaSource(null, false);
  #audio: AudioStream | null = null;
  /** Of the audio, also for a moment after it. */
  #payloadType = 0;
  #fax: FaxStream | null = null;
  /** When the audio, and when T.38 began. */
  #audioSince = 0;
  #faxSince = 0;
  #toneHeard: FaxTone | null = null;
  #t38Refused: string | null = null;
  #rang = false;
  #acknowledged = false;
  #wish: EndWish | null = null;
  #ending: Ending | null = null;
  #told = false;
  #out: CallOutput[] = [];

  constructor(options: FaxCallOptions) {
    const { local, codecs, maxRate, errorCorrection, random } = options;
    const id = random(6).reduce((number, octet) => number * 256 + octet, 0);
    const maxBitRate = Math.min(maxRate, 14_400);
    this.#options = options;
    this.#descriptions = new Descriptions(String(id), { local, codecs, maxBitRate, errorCorrection });
  }

  get deadline(): number | null {
    return earliest([this.#alarms.deadline, this.#audio?.deadline ?? null, this.#fax?.deadline ?? null]);
  }

  handle(input: CallInput, now: number): CallOutput[] {
    this.#take(input, now);
    this.#leave(now);
    const out = this.#out;
    this.#out = [];
    return out;
  }

  #take(input: CallInput, now: number): void {
    switch (input.type) {
      case 'begin':
        this.#begin(now);
        break;
      case 'refuse':
        this.#refuse(input.status, input.cause, 'refused', now);
        break;
      case 'agent':
        this.#agent(input.event, now);
        break;
      case 'media':
        this.#heard(input.datagram, input.from, now);
        break;
      case 'end':
        this.#end(input.why, now);
        break;
      case 'cut':
        this.#finish({ by: 'wish', why: input.why }, now);
        break;
      case 'abandon':
        this.#finish({ by: 'wish', why: 'cut' }, now);
        this.#tell();
        break;
      case 'time':
        this.#time(now);
        break;
      default:
        this.#procedure(input, now);
        break;
    }
  }

  // SIP

  #begin(now: number): void {
    if (this.#phase !== 'calling') return;
    const { call, direction } = this.#options;
    if (direction === 'out') {
      const { trunk, to, from, ringTime } = this.#options;
      this.#alarms.set('ring', now + ringTime);
      this.#order({ type: 'place', call, trunk, to, from, sdp: this.#descriptions.offer('audio') });
      return;
    }
    const { offer } = this.#options;
    this.#order({ type: 'ring', call });
    if (offer === null) {
      this.#order({ type: 'answer', call, sdp: this.#descriptions.offer('audio') });
      return;
    }
    const answer = this.#descriptions.answer(offer, AGENT);
    if (answer.ok) {
      this.#order({ type: 'answer', call, sdp: answer.sdp });
      this.#connected(answer.media, now);
    } else {
      this.#refuse(488, BEARER_NOT_IMPLEMENTED, answer.detail, now);
    }
  }

  #refuse(status: number, cause: number, detail: string, now: number): void {
    if (this.#phase !== 'calling') return;
    this.#order({ type: 'reject', call: this.#options.call, status, cause });
    this.#ending ??= { by: 'media', detail };
    this.#release(now);
    this.#alarms.set('goodbye', now + GOODBYE);
  }

  #agent(event: AgentEvent, now: number): void {
    if (event.type === 'step') this.#record.sip(now, event);
    else if (event.type === 'ended') this.#ended(event, now);
    // What crosses our BYE or CANCEL does not bring the call back.
    else if (this.#phase !== 'ended') this.#signalled(event, now);
  }

  #signalled(event: AgentEvent, now: number): void {
    switch (event.type) {
      case 'ringing':
        if (!this.#rang) this.#say({ type: 'ringing' });
        this.#rang = true;
        break;
      case 'answered':
        this.#answered(event.sdp, now);
        break;
      case 'confirmed':
        this.#acknowledge(now);
        break;
      case 'offered':
        this.#offered(event.sdp, now);
        break;
      case 'offer_answered':
        this.#offerAnswered(event.sdp, now);
        break;
      case 'offer_refused':
        this.#offerRefused(event.status, now);
        break;
      default:
    }
  }

  #answered(sdp: string, now: number): void {
    const media = this.#descriptions.answered(sdp);
    if (typeof media === 'string') {
      this.#finish({ by: 'media', detail: media }, now);
    } else {
      this.#say({ type: 'answered' });
      this.#connected(media, now);
    }
  }

  /** The first media of the call. */
  #connected(media: Media, now: number): void {
    this.#alarms.clear('ring');
    this.#alarms.set('no_fax', now + NO_FAX);
    this.#phase = 'audio';
    this.#audioSince = now;
    this.#use(media, now);
    if (this.#options.direction === 'out' || this.#acknowledged) this.#awaitT38();
  }

  /** An answerer may offer only when its own answer has arrived (RFC 3261 §14.1). */
  #acknowledge(now: number): void {
    if (this.#acknowledged) return;
    this.#acknowledged = true;
    if (this.#phase === 'audio') this.#awaitT38();
    if (this.#toneHeard !== null) this.#alarms.set('switch', now);
  }

  /** The far side may ask for T.38 first. */
  #awaitT38(): void {
    if (this.#phase === 'audio') this.#alarms.set('switch', this.#audioSince + this.#options.t38Wait);
  }

  #offered(sdp: string | null, now: number): void {
    const { call } = this.#options;
    if (sdp === null) {
      const kind = this.#media?.kind ?? 'audio';
      this.#order({ type: 'accept_offer', call, sdp: this.#descriptions.offer(kind) });
      return;
    }
    const answer = this.#descriptions.answer(sdp, AGENT);
    if (answer.ok) {
      this.#order({ type: 'accept_offer', call, sdp: answer.sdp });
      this.#use(answer.media, now);
    } else {
      this.#order({ type: 'refuse_offer', call, status: 488, warning: answer.warning });
    }
  }

  #offerAnswered(sdp: string, now: number): void {
    const media = this.#descriptions.answered(sdp);
    if (typeof media === 'string') this.#noT38(media, now);
    else if (this.#phase === 'calling') this.#connected(media, now);
    else this.#use(media, now);
  }

  #offerRefused(status: number, now: number): void {
    this.#descriptions.refused();
    // 491: the far side's own offer came first and was taken.
    if (status !== 491) this.#noT38(`the trunk refuses T.38 (${status})`, now);
  }

  /** Only a fax machine that is heard makes the missing T.38 the reason; otherwise it may be a person who answered. */
  #noT38(detail: string, now: number): void {
    this.#t38Refused = detail;
    if (this.#toneHeard !== null && this.#phase === 'audio') this.#finish({ by: 'media', detail }, now);
  }

  #ended(event: EndedEvent, now: number): void {
    if (this.#fax !== null && this.#ending === null) this.#stream(this.#fax.input({ type: 'lost' }, now), now, event);
    this.#ending ??= { by: this.#phase === 'calling' ? 'refusal' : 'hang_up', ended: event };
    if (this.#phase !== 'ended') this.#release(now);
    this.#tell();
  }

  // Media

  /** Takes new media into use: the first audio, the switch to T.38, and the way back at the end. */
  #use(media: Media, now: number): void {
    const before = this.#media;
    this.#media = media;
    if (!sameFarEnd(before, media)) this.#source = new MediaSource(media.remote, this.#options.latch);
    if (media.kind === 't38') this.#useT38(media, now);
    else this.#useAudio(media, now);
  }

  #useAudio(media: AudioMedia, now: number): void {
    const playing = this.#options.direction === 'out' ? 'cng' : 'ced';
    this.#payloadType = media.payloadType;
    if (this.#phase === 'audio') this.#audio = new AudioStream(media, playing, this.#options.random, now);
    else this.#backToAudio(now);
  }

  /** Back from T.38: the far side has done with the fax, and its BYE follows. */
  #backToAudio(now: number): void {
    if (this.#fax === null || this.#phase !== 'fax') return;
    this.#stream(this.#fax.input({ type: 'lost' }, now), now);
    this.#alarms.set('linger', now + LINGER);
  }

  #useT38(media: T38Media, now: number): void {
    if (this.#phase !== 'audio') return;
    this.#phase = 'fax';
    this.#audio = null;
    this.#faxSince = now;
    this.#alarms.clear('switch');
    this.#alarms.clear('no_fax');
    // T.30 §4.3.3: 2.6 s at least; what the audio has carried need not be heard twice.
    const ced = now - this.#audioSince < CED.least;
    const machine = createMachine(this.#options, media.terms.maxBitRate, ced);
    const { recovery, pace } = this.#options;
    this.#fax = new FaxStream(machine, media.terms, recovery, now, pace === 'internet' ? pace : 'gateway');
    this.#stream(this.#fax.start(now), now);
  }

  #heard(datagram: Uint8Array, from: { address: string; port: number }, now: number): void {
    const isRtp = looksLikeRtp(datagram, this.#payloadType);
    if (this.#fax !== null && this.#media?.kind === 't38') {
      const straggler = isRtp && now - this.#faxSince < STRAGGLERS;
      const accepted = !straggler && this.#source.accepts(from, () => parseDatagram(datagram) !== null);
      if (accepted) this.#stream(this.#fax.datagram(datagram, now), now);
    } else if (this.#audio !== null && this.#source.accepts(from, () => isRtp)) {
      this.#tone(this.#audio.hear(datagram), now);
    }
  }

  #tone(tone: FaxTone | null, now: number): void {
    // Our own CNG may come back as an echo; what a caller hears of a fax machine is CED or the flags of its DIS.
    const expected = this.#options.direction === 'out' ? tone === 'ced' || tone === 'v21' : tone === 'cng';
    if (!expected) return;
    this.#toneHeard = tone;
    if (this.#t38Refused !== null) this.#finish({ by: 'media', detail: this.#t38Refused }, now);
    else if (this.#options.direction === 'in' && this.#alarms.has('switch')) this.#alarms.set('switch', now);
  }

  // Fax

  #procedure(input: T30Input, now: number): void {
    if (this.#fax === null || this.#ending !== null) return;
    if (input.type === 'page_verdict') this.#record.judged(input.verdict);
    this.#stream(this.#fax.input(input, now), now);
  }

  #stream(outputs: readonly FaxStreamOutput[], now: number, ended?: EndedEvent): void {
    for (const output of outputs) {
      if (output.type === 'datagram') this.#sendFax(output.datagram);
      else if (output.type === 'step') this.#record.indicated(now, output);
      else if (output.type === 'image') this.#record.imageBegins();
      else if (output.output.type === 'over') this.#procedureOver(output.output.outcome, now, ended);
      else this.#say(this.#record.procedure(now, output.output));
    }
  }

  /** The procedure is over by itself, or because SIP has ended the call (`ended`). */
  #procedureOver(outcome: Outcome, now: number, ended: EndedEvent | undefined): void {
    if (outcome === 'canceled' && this.#wish !== null) this.#ending ??= { by: 'wish', why: this.#wish };
    else if (outcome === 'carrier_lost' && ended !== undefined) this.#ending ??= { by: 'hang_up', ended };
    else this.#ending ??= { by: 'procedure', outcome };
    this.#phase = 'leaving';
    this.#alarms.set('farewell', now + FAREWELL);
  }

  // Ends

  /** Ends the call as a fax machine would, as far as there is one to be told. */
  #end(why: EndWish, now: number): void {
    if (this.#ending !== null || this.#wish !== null) return;
    this.#wish = why;
    if (this.#phase === 'fax') {
      this.#alarms.set('farewell', now + FAREWELL);
      this.#procedure({ type: 'cancel' }, now);
    } else {
      this.#finish({ by: 'wish', why }, now);
    }
  }

  #time(now: number): void {
    for (const alarm of this.#alarms.due(now)) this.#rung(alarm, now);
    if (this.#audio !== null) for (const packet of this.#audio.time(now)) this.#send(packet);
    if (this.#fax !== null && this.#phase !== 'ended') this.#stream(this.#fax.time(now), now);
  }

  #rung(alarm: Alarm, now: number): void {
    switch (alarm) {
      case 'ring':
        this.#finish({ by: 'ring_time' }, now);
        break;
      case 'switch':
        this.#askForT38();
        break;
      case 'no_fax':
        this.#finish(
          this.#toneHeard === null
            ? { by: 'silence' }
            : { by: 'media', detail: this.#t38Refused ?? 'T.38 never began' },
          now,
        );
        break;
      case 'farewell':
        this.#finish({ by: 'wish', why: this.#wish ?? 'cut' }, now);
        break;
      case 'linger':
        this.#close(now);
        break;
      case 'goodbye':
        this.#tell();
        break;
    }
  }

  #askForT38(): void {
    if (this.#phase !== 'audio' || this.#descriptions.waiting) return;
    this.#order({ type: 'offer', call: this.#options.call, sdp: this.#descriptions.offer('t38') });
  }

  /** The last signal of the procedure has left: BYE follows. */
  #leave(now: number): void {
    if (this.#phase !== 'leaving' || this.#fax?.idle !== true || this.#alarms.has('linger')) return;
    this.#alarms.set('linger', now + LINGER);
  }

  #finish(ending: Ending, now: number): void {
    this.#ending ??= ending;
    this.#close(now);
  }

  /** BYE or CANCEL; what came of the call is told when that is answered, so that its ladder is whole. */
  #close(now: number): void {
    if (this.#phase === 'ended') return;
    this.#release(now);
    this.#order({ type: 'hang_up', call: this.#options.call, cause: NORMAL_CLEARING });
    this.#alarms.set('goodbye', now + GOODBYE);
  }

  #release(now: number): void {
    this.#phase = 'ended';
    this.#audio = null;
    this.#fax?.close(now);
    this.#fax = null;
    this.#alarms.clearAll();
    this.#out.push({ type: 'release' });
  }

  /** The last word on the call, once. */
  #tell(): void {
    if (this.#told || this.#ending === null) return;
    this.#told = true;
    this.#alarms.clearAll();
    this.#out.push({ type: 'event', event: { type: 'over', end: this.#record.end(this.#ending) } });
  }

  #order(order: Order): void {
    this.#out.push({ type: 'order', order });
  }

  #say(event: CallEvent | null): void {
    if (event !== null && this.#ending === null) this.#out.push({ type: 'event', event });
    else if (event?.type === 'page_data') event.octets.fill(0);
  }

  #send(datagram: Uint8Array): void {
    const to = this.#source.target;
    if (to !== null) this.#out.push({ type: 'media', datagram, to });
    else datagram.fill(0);
  }

  #sendFax(datagram: Uint8Array): void {
    if (this.#media?.kind === 't38') this.#send(datagram);
    else datagram.fill(0);
  }
}

/** Whether packets of the new media come from where those of the old one came from. */
function sameFarEnd(before: Media | null, after: Media): boolean {
  return (
    before?.kind === after.kind &&
    before.remote?.address === after.remote?.address &&
    before.remote?.port === after.remote?.port
  );
}
