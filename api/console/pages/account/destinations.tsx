import { useState } from 'preact/hooks';
import type { Destination, DestinationLook } from '../../../client/browser.ts';
import {
  Button,
  Empty,
  Facts,
  FaultNotice,
  Form,
  Loading,
  Mark,
  type MarkKind,
  Outcome,
  Panel,
  Table,
  TextField,
  Time,
} from '../../components/index.ts';
import { count } from '../../format.ts';
import { placeName } from '../../places.ts';
import { useMay } from '../../rights.ts';
import { type Act, useAct, useLoad } from '../../session.tsx';
import type { AccountParts } from '../account.tsx';

const STATES: Readonly<Record<Destination['state'], readonly [MarkKind, string]>> = {
  home: ['good', 'home'],
  approved: ['good', 'approved'],
  denied: ['bad', 'denied'],
  waiting: ['warning', 'waits for you'],
};

/** Countries that an account may call, may not call, or that its held faxes wait for. */
export function AccountDestinations({ account: { id } }: AccountParts) {
  const places = useLoad((admin) => admin.destinations(id), [id], { every: 30_000 });
  const act = useAct();
  const mayDecide = useMay('operator');
  const decide = async (place: string, decision: 'approved' | 'denied' | undefined) => {
    const done = await act.run(async (admin) => {
      if (decision === undefined) await admin.resetDestination(id, place);
      else await admin.decideDestination(id, place, decision);
      return `${placeName(place)}: ${decision ?? 'undecided again'}.`;
    });
    if (done) places.reload();
  };
  return (
    <>
      <Panel title="Countries">
        <p class="quiet">
          The first faxes to a country wait for an approval, so that a stolen secret earns nobody money. Held faxes to
          an approved country go on, those to a denied one fail.
        </p>
        <Outcome act={act} />
        <Loading from={places}>
          {(items) => <Places places={items} act={act} decide={mayDecide ? decide : undefined} />}
        </Loading>
      </Panel>
      <Look account={id} />
      {mayDecide ? <Ahead busy={act.busy} decide={decide} /> : null}
    </>
  );
}

type Decide = (place: string, decision: 'approved' | 'denied' | undefined) => Promise<void>;

function Places({
  places,
  act,
  decide,
}: {
  readonly places: readonly Destination[];
  readonly act: Act;
  readonly decide: Decide | undefined;
}) {
  return (
    <Table
      caption="Countries of the account"
      quiet
      empty={<Empty title="No countries yet">It has no number and has called nobody.</Empty>}
      rows={places}
      rowKey={({ place }) => place}
      columns={[
        { heading: 'Country', cell: ({ place }) => placeName(place) },
        { heading: 'State', cell: ({ state }) => <Mark kind={STATES[state][0]}>{STATES[state][1]}</Mark> },
        { heading: 'Held faxes', end: true, cell: ({ waiting }) => count(waiting) },
        { heading: 'The first fails', cell: ({ until }) => <Time at={until} ago />, wide: true },
        { heading: 'Decided', cell: ({ decided }) => (decided === null ? '–' : <Decided of={decided} />), wide: true },
        { heading: 'Do', cell: (place) => <Choices of={place} act={act} decide={decide} /> },
      ]}
    />
  );
}

function Decided({ of: { at, by } }: { readonly of: { readonly at: string; readonly by: string } }) {
  return (
    <>
      <Time at={at} /> by {by}
    </>
  );
}

function Choices({
  of: { place, state, decided },
  act,
  decide,
}: {
  readonly of: Destination;
  readonly act: Act;
  readonly decide: Decide | undefined;
}) {
  const name = placeName(place);
  if (decide === undefined) return <>–</>;
  const choice = (text: string, decision: 'approved' | 'denied' | undefined) => (
    <Button busy={act.busy} label={`${text} ${name}`} onPress={() => void decide(place, decision)}>
      {text}
    </Button>
  );
  if (state === 'home') return <span class="quiet">always</span>;
  return (
    <div class="actions">
      {state === 'approved' ? null : choice('Approve', 'approved')}
      {state === 'denied' ? null : choice('Deny', 'denied')}
      {decided === null ? null : choice('Take back', undefined)}
    </div>
  );
}

/** Decides before the first fax has to wait. */
function Ahead({ busy, decide }: { readonly busy: boolean; readonly decide: Decide }) {
  const [place, setPlace] = useState('');
  return (
    <Panel title="Decide ahead">
      <Form label="Decide ahead" inline onSubmit={() => void decide(place, 'approved')}>
        <TextField
          label="Country"
          hint="Two letters, such as FR, or a code such as +870."
          value={place}
          onInput={(text) => setPlace(text.trim().toUpperCase())}
          required
        />
        <div class="actions">
          <Button type="submit" busy={busy}>
            Approve
          </Button>
          <Button busy={busy} disabled={place === ''} onPress={() => void decide(place, 'denied')}>
            Deny
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

/** Whether the account may call a number. */
function Look({ account }: { readonly account: string }) {
  const [number, setNumber] = useState('');
  const [look, setLook] = useState<DestinationLook | undefined>(undefined);
  const act = useAct();
  const submit = async () => {
    setLook(undefined);
    await act.run(async (admin) => {
      setLook(await admin.lookAtDestination(number.replaceAll(/[\s()/-]/g, ''), account));
    });
  };
  return (
    <Panel title="May it call a number?">
      <Form label="May it call a number?" inline onSubmit={() => void submit()}>
        <TextField
          label="Number"
          type="tel"
          placeholder="+33123456789"
          value={number}
          error={act.fault?.fields['/number']}
          onInput={setNumber}
          required
        />
        <Button type="submit" busy={act.busy}>
          Look
        </Button>
      </Form>
      <FaultNotice fault={act.fault} />
      <div aria-live="polite">{look === undefined ? null : <Answer of={look} />}</div>
    </Panel>
  );
}

function Answer({ of: { number, place, class: kind, line, refusal, held } }: { readonly of: DestinationLook }) {
  const word = () => {
    if (refusal !== null) return <Mark kind="bad">refused</Mark>;
    return held === true ? <Mark kind="warning">waits for an approval</Mark> : <Mark kind="good">may be called</Mark>;
  };
  return (
    <Facts
      of={[
        ['Number', number],
        ['A fax to it', word()],
        ['Why not', refusal?.sentence ?? '–'],
        ['Country', placeName(place)],
        ['Class', kind?.replace('_', ' ') ?? 'an ordinary number'],
        ['Line', line],
      ]}
    />
  );
}
