import { useEffect, useState } from 'preact/hooks';
import type { AdminFax, FaxState, LiveCall, Live as LiveNow } from '../../client/browser.ts';
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
import { useWatch } from '../watch.ts';

/** How often carriers are read: a pause, for one, is no event of an account. Milliseconds. */
const EVERY = 5_000;

/** Calls in progress, page by page, and what waits behind them. */
export function Live() {
  const { me } = useSession();
  const [still, setStill] = useState(false);
  const live = useWatch(still ? undefined : (admin, signal) => admin.watchLive({}, signal), []);
  return (
    <>
      <PageHead title="Live view">
        <Button onPress={() => setStill(!still)}>{still ? 'Go on' : 'Hold still'}</Button>
      </PageHead>
      <Loading from={live}>
        {(now) => (
          <>
            <Queue live={now} />
            <Panel title="Calls in progress" aside={<ReadAt at={now.at} still={still} />}>
              <p class="unseen" aria-live="polite">
                {counted(now.liveCalls, 'call')} in progress
              </p>
              <Calls live={now} still={still} onChanged={live.reload} />
            </Panel>
            <Undecided waiting={now.faxes.uncertain ?? 0} onChanged={live.reload} />
            {me.scope === null ? <Channels still={still} /> : null}
          </>
        )}
      </Loading>
    </>
  );
}

function ReadAt({ at, still }: { readonly at: string; readonly still: boolean }) {
  return (
    <span class="quiet">
      {still ? 'held still at ' : 'last change '}
      <Time at={at} />
    </span>
  );
}

/** What waits, and for what. */
const WAITING: readonly (readonly [state: FaxState, label: string])[] = [
  ['rendering', 'becoming pages'],
  ['queued', 'in the queue'],
  ['held', 'wait for somebody'],
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
  still,
  onChanged,
}: {
  readonly live: LiveNow;
  readonly still: boolean;
  readonly onChanged: () => void;
}) {
  const now = useNow(at, still);
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
          { heading: 'Since', end: true, cell: ({ startedAt }) => sinceOf(startedAt, now) },
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

const sinceOf = (startedAt: string, now: number) => duration(Math.max(0, now - new Date(startedAt).getTime()));

/** The time of the gateway, second by second from `at` on: what it tells is told only when it changes. */
function useNow(at: string, still: boolean): number {
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    setPassed(0);
    if (still) return;
    const begun = performance.now();
    const timer = setInterval(() => setPassed(performance.now() - begun), 1_000);
    return () => clearInterval(timer);
  }, [at, still]);
  return new Date(at).getTime() + passed;
}

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

function Channels({ still }: { readonly still: boolean }) {
  const carriers = useLoad((admin) => admin.carriers(), [still], still ? {} : { every: EVERY });
  return (
    <Panel title="Channels" aside={<a href={href('/carriers')}>All about carriers</a>}>
      <Loading from={carriers}>
        {(rows) => (
          <Table
            caption="Carriers and how many calls they carry"
            quiet
            rows={rows}
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
        )}
      </Loading>
    </Panel>
  );
}

/** Faxes of which a page may or may not have arrived: somebody decides here whether they are sent again. */
function Undecided({ waiting, onChanged }: { readonly waiting: number; readonly onChanged: () => void }) {
  const { me } = useSession();
  const found = useLoad(
    async (admin) => (waiting === 0 ? [] : (await admin.faxes.list({ state: 'uncertain', limit: 20 })).items),
    [waiting],
  );
  const act = useAct();
  const again = async (fax: AdminFax, mode: 'rest' | 'all') => {
    const done = await act.run(async (admin) => {
      await admin.faxes.resend(fax.id, mode);
      return `The fax to ${fax.to} is in the queue again.`;
    });
    if (done) onChanged();
  };
  if (waiting === 0 && act.done === '' && act.fault === undefined) return null;
  return (
    <Panel title="Uncertain">
      <p class="quiet">
        The line broke while a page was on its way: it may have arrived, and come out twice if it is sent again.
      </p>
      <Outcome act={act} />
      <Loading from={found}>
        {(faxes) => (
          <Table
            caption="Faxes that wait for a decision"
            quiet
            rows={faxes}
            rowKey={({ id }) => id}
            empty={<Empty title="No fax waits for a decision" />}
            columns={[
              { heading: 'Fax', cell: ({ id, to }) => <a href={href('/faxes/:id', { id })}>to {to}</a> },
              { heading: 'Pages', cell: ({ pages, pagesConfirmed }) => `${count(pagesConfirmed)} of ${count(pages)}` },
              {
                heading: 'Do',
                cell: (fax) =>
                  may(me, 'operator') && fax.imageExists ? (
                    <span class="actions">
                      <Button
                        label={`Send the rest to ${fax.to}`}
                        busy={act.busy}
                        onPress={() => void again(fax, 'rest')}
                      >
                        Send the rest
                      </Button>
                      <Button
                        label={`Send all again to ${fax.to}`}
                        busy={act.busy}
                        onPress={() => void again(fax, 'all')}
                      >
                        Send all again
                      </Button>
                    </span>
                  ) : (
                    '–'
                  ),
              },
            ]}
          />
        )}
      </Loading>
    </Panel>
  );
}
