import { useState } from 'preact/hooks';
import type { Admin, Carrier, FaxState, LiveCall, Live as LiveNow } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import {
  Button,
  Confirm,
  Empty,
  Figure,
  Loading,
  Mark,
  Outcome,
  PageHead,
  Panel,
  Table,
  Time,
} from '../components/index.ts';
import { FaxMark } from '../components/state.tsx';
import { count, counted, duration } from '../format.ts';
import { href } from '../router.ts';
import { may, useAct, useLoad, useSession } from '../session.tsx';

/** How often it is read, ms. */
const EVERY = 2_000;

/** What is going on; carriers are for administrators of all accounts. */
interface Seen {
  readonly live: LiveNow;
  readonly carriers: readonly Carrier[] | undefined;
}

async function seenOf(admin: Admin, bound: boolean): Promise<Seen> {
  const [live, carriers] = await Promise.all([admin.live(), bound ? undefined : admin.carriers()]);
  return { live, carriers };
}

/** Calls in progress, page by page, and what waits behind them. */
export function Live() {
  const { me } = useSession();
  const [still, setStill] = useState(false);
  const bound = me.scope !== null;
  const seen = useLoad((admin) => seenOf(admin, bound), [still], still ? {} : { every: EVERY });
  return (
    <>
      <PageHead title="Live view">
        <Button onPress={() => setStill(!still)}>{still ? 'Go on' : 'Hold still'}</Button>
      </PageHead>
      <Loading from={seen}>
        {({ live, carriers }) => (
          <>
            <Queue live={live} />
            <Panel title="Calls in progress" aside={<ReadAt at={live.at} still={still} />}>
              <p class="unseen" aria-live="polite">
                {counted(live.liveCalls, 'call')} in progress
              </p>
              <Calls live={live} onChanged={seen.reload} />
            </Panel>
            {carriers === undefined ? null : <Channels carriers={carriers} />}
          </>
        )}
      </Loading>
    </>
  );
}

function ReadAt({ at, still }: { readonly at: string; readonly still: boolean }) {
  return (
    <span class="quiet">
      {still ? 'held still at ' : 'as of '}
      <Time at={at} />
    </span>
  );
}

/** What waits, and for what. */
const WAITING: readonly (readonly [state: FaxState, label: string])[] = [
  ['rendering', 'becoming pages'],
  ['queued', 'in the queue'],
  ['held', 'wait for approval'],
  ['received', 'wait to be fetched'],
  ['uncertain', 'uncertain, wait for a decision'],
];

function Queue({ live: { liveCalls, faxes } }: { readonly live: LiveNow }) {
  const making = (faxes.rendering ?? 0) + (faxes.accepted ?? 0);
  return (
    <div class="figures">
      <Figure value={count(liveCalls)} label="calls in progress" />
      {WAITING.map(([state, label]) => (
        <Figure
          key={state}
          value={count(state === 'rendering' ? making : (faxes[state] ?? 0))}
          label={label}
          to={href('/faxes', {}, { state })}
        />
      ))}
    </div>
  );
}

function Calls({
  live: { at, calls, liveCalls },
  onChanged,
}: {
  readonly live: LiveNow;
  readonly onChanged: () => void;
}) {
  const nameOf = useAccountNames();
  const { me } = useSession();
  const [ending, setEnding] = useState<LiveCall | undefined>(undefined);
  const act = useAct();
  const end = async (fax: string) => {
    const done = await act.run(async (admin) => {
      const result = await admin.faxes.cancel(fax);
      return result === 'ended' ? 'The fax is canceled.' : 'The call is being ended.';
    });
    setEnding(undefined);
    if (done) onChanged();
  };
  const acts = may(me, 'operator');
  return (
    <>
      <Outcome act={act} />
      <Table
        caption={
          calls.length < liveCalls ? `The ${count(calls.length)} longest of ${count(liveCalls)} calls` : 'Live calls'
        }
        quiet={calls.length === liveCalls}
        rows={calls}
        rowKey={({ id }) => id}
        empty={
          <Empty title="No call at this moment">
            <p>Calls appear here as soon as one is placed or comes in.</p>
          </Empty>
        }
        columns={[
          {
            heading: 'Fax',
            cell: (call) => (
              <a class="oneline" href={href('/faxes/:id', { id: call.fax })}>
                {sidesOf(call)}
              </a>
            ),
          },
          { heading: 'State', cell: stateOf },
          { heading: 'Pages', cell: (call) => <Progress call={call} /> },
          { heading: 'Account', cell: ({ account }) => nameOf(account), wide: true },
          { heading: 'Carrier', cell: ({ carrier }) => carrier },
          { heading: 'Line', cell: lineOf, wide: true },
          { heading: 'Since', end: true, cell: ({ startedAt }) => sinceOf(startedAt, at) },
          ...(acts
            ? [
                {
                  heading: 'Do',
                  cell: (call: LiveCall) =>
                    call.direction === 'outbound' && !call.cancelAsked ? (
                      <Button label={`Cancel the fax to ${call.to}`} onPress={() => setEnding(call)}>
                        Cancel
                      </Button>
                    ) : null,
                },
              ]
            : []),
        ]}
      />
      {ending === undefined ? null : (
        <Confirm
          title="Cancel this fax?"
          verb="End the call"
          danger
          busy={act.busy}
          onConfirm={() => void end(ending.fax)}
          onClose={() => setEnding(undefined)}
        >
          <p>
            The call to {ending.to} is ended. Pages that are on paper already stay there, and your name stands in the
            audit log.
          </p>
        </Confirm>
      )}
    </>
  );
}

const sidesOf = ({ direction, from, to }: LiveCall) =>
  direction === 'outbound' ? `to ${to}` : `from ${from ?? 'somebody'}`;

const stateOf = ({ state, cancelAsked }: LiveCall) =>
  cancelAsked ? <Mark kind="warning">is being ended</Mark> : <FaxMark state={state} />;

const sinceOf = (startedAt: string, at: string) =>
  duration(Math.max(0, new Date(at).getTime() - new Date(startedAt).getTime()));

function lineOf({ line }: LiveCall): string {
  if (line === null) return '–';
  return `${line.modulation}, ${count(line.rate)} bit/s${line.ecm ? ', error correction' : ''}`;
}

/** How many pages of the fax are confirmed, of how many, and which one is on its way. */
function Progress({ call: { pages, pageStarted, pagesConfirmed } }: { readonly call: LiveCall }) {
  if (pages === null || pages === 0) return <>{counted(pagesConfirmed, 'page')}</>;
  return (
    <span class="progress">
      <progress max={pages} value={Math.min(pages, pagesConfirmed)} aria-label="Pages confirmed" />
      {count(pagesConfirmed)} of {count(pages)}
      {pageStarted > pagesConfirmed ? `, page ${count(pageStarted)} on its way` : ''}
    </span>
  );
}

function Channels({ carriers }: { readonly carriers: readonly Carrier[] }) {
  return (
    <Panel title="Channels" aside={<a href={href('/carriers')}>All about carriers</a>}>
      <Table
        caption="Carriers and how many calls they carry"
        quiet
        rows={carriers}
        rowKey={({ name }) => name}
        columns={[
          {
            heading: 'Carrier',
            cell: ({ name }) => <a href={href('/carriers/:name', { name })}>{name}</a>,
          },
          { heading: 'Calls', end: true, cell: ({ calls }) => count(calls) },
          { heading: 'Waiting', end: true, cell: ({ waiting }) => count(waiting) },
          {
            heading: 'State',
            cell: ({ paused }) =>
              paused === null ? <Mark kind="good">open</Mark> : <Mark kind="warning">paused</Mark>,
          },
        ]}
      />
    </Panel>
  );
}
