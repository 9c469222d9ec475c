import { useState } from 'preact/hooks';
import type { CarrierHistory, Carrier as CarrierLoad } from '../../client/browser.ts';
import { Button, Facts, Figure, Loading, Notice, Outcome, PageHead, Panel, Table, Time } from '../components/index.ts';
import { AskReason } from '../components/reason.tsx';
import { count, counted, duration, share, words } from '../format.ts';
import type { PageParts } from '../pages.tsx';
import { useMay } from '../rights.ts';
import { href } from '../router.ts';
import { type Act, useAct, useLoad } from '../session.tsx';
import { CarrierNumbers } from './carrier-numbers.tsx';
import { CarrierState, load } from './carriers.tsx';

/** Milliseconds between two looks. */
const LOOK = 10_000;

/** What both halves of the page know of a carrier. */
interface Known {
  /** Undefined when no process has it in its settings any more. */
  readonly carrier: CarrierLoad | undefined;
  readonly history: CarrierHistory;
}

/** One carrier: its load, its figures, its breaker, and what can be done about it. */
export function Carrier({ parameters }: PageParts) {
  const name = parameters.name ?? '';
  const known = useLoad(
    async (admin): Promise<Known> => {
      const [carriers, history] = await Promise.all([admin.carriers(), admin.carrierHistory(name)]);
      return { carrier: carriers.find((one) => one.name === name), history };
    },
    [name],
    { every: LOOK },
  );
  const act = useAct();
  const mayAct = useMay('operator');
  return (
    <>
      <PageHead title={`Carrier ${name}`}>
        {known.value?.carrier === undefined || !mayAct ? null : (
          <Switches carrier={known.value.carrier} history={known.value.history} act={act} onDone={known.reload} />
        )}
      </PageHead>
      <Outcome act={act} />
      <Loading from={known}>
        {({ carrier, history }) => (
          <>
            {carrier === undefined ? null : <State carrier={carrier} history={history} />}
            <Figures history={history} />
            <Causes history={history} />
            <Changes history={history} />
          </>
        )}
      </Loading>
      <CarrierNumbers carrier={name} />
    </>
  );
}

/** Pause, resume, and closing the breaker by hand. */
function Switches({
  carrier: { name, paused },
  history: { breaker },
  act,
  onDone,
}: {
  readonly carrier: CarrierLoad;
  readonly history: CarrierHistory;
  readonly act: Act;
  readonly onDone: () => void;
}) {
  const [asked, setAsked] = useState<'pause' | 'reset' | undefined>(undefined);
  const done = () => {
    setAsked(undefined);
    onDone();
  };
  const resume = async () => {
    const done = await act.run(async (admin) => {
      await admin.resumeCarrier(name);
      return `${name} gets calls again.`;
    });
    if (done) onDone();
  };
  return (
    <>
      {breaker.phase === 'closed' ? null : <Button onPress={() => setAsked('reset')}>Close the breaker</Button>}
      {paused === null ? (
        <Button onPress={() => setAsked('pause')}>Pause</Button>
      ) : (
        <Button kind="main" busy={act.busy} onPress={() => void resume()}>
          Resume
        </Button>
      )}
      {asked === 'pause' ? (
        <AskReason
          title={`Pause ${name}`}
          verb="Pause"
          job={(reason) => (admin) => admin.pauseCarrier(name, reason)}
          onDone={done}
          onClose={() => setAsked(undefined)}
        >
          <p>It gets no new calls. Live ones go on; faxes take another carrier where their route has one, or wait.</p>
        </AskReason>
      ) : null}
      {asked === 'reset' ? (
        <AskReason
          title={`Close the breaker of ${name}`}
          verb="Close it"
          job={(reason) => (admin) => admin.resetCarrier(name, reason)}
          onDone={done}
          onClose={() => setAsked(undefined)}
        >
          <p>It gets calls at once, without the one on trial. It opens again when faxes fail by its fault.</p>
        </AskReason>
      ) : null}
    </>
  );
}

function State({ carrier, history }: { readonly carrier: CarrierLoad; readonly history: CarrierHistory }) {
  const { calls, maxCalls, callsPerSecond, waiting, paused, kind } = carrier;
  const { phase, reason, since, until } = history.breaker;
  return (
    <Panel title="Now">
      {paused === null ? null : (
        <Notice kind="warning" title={`Paused by ${paused.by}:`}>
          {paused.reason} (<Time at={paused.at} ago />)
        </Notice>
      )}
      {phase === 'closed' ? null : (
        <Notice kind={phase === 'open' ? 'fault' : 'warning'} title={phase === 'open' ? 'Left alone.' : 'On trial.'}>
          {reason === '' ? null : `${reason}. `}Since <Time at={since} />
          {phase === 'open' ? (
            <>
              , one call on trial from <Time at={until} ago />
            </>
          ) : (
            ': one call at a time, until one is delivered'
          )}
          .
        </Notice>
      )}
      <Facts
        of={[
          ['State', <CarrierState key="state" carrier={carrier} health={history} />],
          ['Kind', kind],
          ['Live calls', load(calls, maxCalls)],
          ['Faxes that are due and wait for it', count(waiting)],
          ['New calls per second', callsPerSecond === null ? 'no limit' : `at most ${callsPerSecond}`],
        ]}
      />
    </Panel>
  );
}

function Figures({ history: { figures, rates, since } }: { readonly history: CarrierHistory }) {
  return (
    <Panel title="Calls of late" aside={<a href={href('/calls')}>All calls</a>}>
      <p class="quiet">
        Outbound calls that ended since <Time at={since} />.
      </p>
      <div class="figures">
        <Figure value={count(figures.calls)} label="calls" />
        <Figure value={share(rates.delivered)} label="delivered" />
        <Figure value={share(rates.answered)} label="answered" />
        <Figure value={share(rates.faults)} label="its own faults" />
        <Figure value={share(rates.unfit)} label="no common mode" />
        <Figure value={duration(figures.answerMedian)} label="to the answer, median" />
        <Figure value={duration(figures.answerP95)} label="to the answer, 95 of 100" />
      </div>
      <Facts
        of={[
          ['Over T.38', count(figures.overT38)],
          ['Over audio', count(figures.overAudio)],
          ['Last delivered', <Time key="last" at={figures.lastDeliveredAt} ago />],
        ]}
      />
    </Panel>
  );
}

function Causes({ history: { figures } }: { readonly history: CarrierHistory }) {
  const causes = Object.entries(figures.causes).sort(([, a], [, b]) => b - a);
  if (causes.length === 0) return null;
  return (
    <Panel title="What ended them">
      <Table
        caption="Calls by what ended them"
        quiet
        rows={causes}
        rowKey={([cause]) => cause}
        columns={[
          { heading: 'Cause', cell: ([cause]) => words(cause) },
          { heading: 'Calls', end: true, cell: ([, calls]) => count(calls) },
          { heading: 'Share', end: true, cell: ([, calls]) => share(calls / Math.max(1, figures.calls)) },
        ]}
      />
    </Panel>
  );
}

function Changes({ history: { changes } }: { readonly history: CarrierHistory }) {
  return (
    <Panel title="Its breaker">
      {changes.length === 0 ? (
        <p class="quiet">It has never been left alone.</p>
      ) : (
        <Table
          caption="Changes of its breaker, newest first"
          quiet
          rows={changes}
          rowKey={({ at, phase }) => `${at} ${phase}`}
          columns={[
            { heading: 'When', cell: ({ at }) => <Time at={at} /> },
            { heading: 'Became', cell: ({ phase }) => (phase === 'open' ? 'left alone' : 'closed') },
            { heading: 'Until', cell: ({ until }) => <Time at={until} />, wide: true },
            { heading: 'Why', cell: ({ reason }) => reason },
            { heading: 'By', cell: ({ by }) => by },
            {
              heading: 'Before it',
              wide: true,
              cell: ({ figures }) =>
                figures === null ? '–' : `${counted(figures.faults, 'fault')} in ${counted(figures.calls, 'call')}`,
            },
          ]}
        />
      )}
    </Panel>
  );
}
