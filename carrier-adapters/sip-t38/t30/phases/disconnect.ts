import { frame } from '../frames/frame.ts';
import { FAREWELL } from '../timers.ts';
import type { Call } from './call.ts';
import type { Phase } from './phase.ts';

/**
 * Phase E (T.30 §5.2.5): DCN as soon as the far station is silent, or after a while anyway; then the call is over whether
 * DCN is heard or not. T.30 knows no answer to it.
 */
export function disconnect<S extends string>(): Phase<Call<S>> {
  const farewell = (call: Call<S>, now: number) => {
    call.say(frame('DCN'));
    call.alarms.set('limit', now + FAREWELL);
  };
  return {
    enter(call, now) {
      call.hush();
      if (call.ear.carrier === null) farewell(call, now);
      else call.alarms.set('limit', now + FAREWELL);
    },
    silence(call, _of, now) {
      if (!call.sending) farewell(call, now);
    },
    sent(call) {
      call.end(call.outcome);
    },
    expired(call, now) {
      if (call.sending) call.end(call.outcome);
      else farewell(call, now);
    },
  };
}
