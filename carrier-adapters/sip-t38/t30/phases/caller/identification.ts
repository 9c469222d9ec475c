import { type Capabilities, parseCapabilities } from '../../frames/dis.ts';
import type { HeardFrame } from '../../frames/frame.ts';
import { parseIdentification } from '../../frames/station-id.ts';
import { T1 } from '../../timers.ts';
import type { Phase } from '../phase.ts';
import type { CallerCall } from './call.ts';

/** Phase B until DIS comes (T.30 §5.2.2, figure 5-2a): CNG before the first one, silence before a later one. */
export const identification: Phase<CallerCall> = {
  enter(call, now) {
    if (call.far === null) call.transmit({ do: 'tone', tone: 'cng' });
    else call.listen({ signal: 'control' });
    call.alarms.set('limit', now + T1);
  },
  carrier(call) {
    call.listen({ signal: 'control' });
  },
  signal(call, frames) {
    const dis = frames.find(({ fcf }) => fcf === 'DIS');
    if (dis === undefined) return;
    const first = call.far === null;
    const far = parseCapabilities(dis.fif);
    const common = call.meet(far);
    if (first) call.tell({ type: 'identified', remote: { id: idOf(frames), subaddress: null } });
    if (!far.receives) refuse(call, far);
    else if (!common) call.disconnect('no_common_modem');
    else call.goto('training');
  },
  expired(call) {
    if (call.heard) call.disconnect('t1_expired');
    else call.end('no_fax_heard');
  },
};

/** A station that has something to be polled but cannot receive is a sender like us. */
function refuse(call: CallerCall, far: Capabilities): void {
  call.disconnect(far.canBePolled ? 'incompatible' : 'cannot_receive');
}

function idOf(frames: readonly HeardFrame[]): string | null {
  const csi = frames.find(({ fcf }) => fcf === 'CSI');
  return csi === undefined ? null : parseIdentification(csi.fif);
}
