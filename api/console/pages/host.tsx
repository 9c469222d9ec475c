import { useState } from 'preact/hooks';
import type { Host as HostState, RestoreState } from '../../client/browser.ts';
import {
  Button,
  Confirm,
  Facts,
  Loading,
  Mark,
  type MarkKind,
  Notice,
  Outcome,
  PageHead,
  Panel,
  Table,
  Time,
} from '../components/index.ts';
import { count, words } from '../format.ts';
import { useAct, useLoad } from '../session.tsx';

const LEVELS: Readonly<Record<HostState['findings'][number]['level'], readonly [MarkKind, string]>> = {
  green: ['good', 'as it should be'],
  yellow: ['warning', 'look at it'],
  red: ['bad', 'a way out for secrets'],
};

/** Whether everything answers, how well the host forgets, and whether the gateway waits after a restore. */
export function Host() {
  const host = useLoad((admin) => admin.host(), [], { every: 10_000 });
  const restore = useLoad((admin) => admin.restore(), []);
  return (
    <>
      <PageHead title="Host and restore" />
      <Loading from={host}>
        {(seen) => (
          <>
            <Checks host={seen} />
            <Findings host={seen} />
          </>
        )}
      </Loading>
      <Panel title="After a restore from a backup">
        <Loading from={restore}>{(state) => <Restore state={state} onConfirmed={restore.reload} />}</Loading>
      </Panel>
    </>
  );
}

function Checks({ host: { version, draining, checks } }: { readonly host: HostState }) {
  const ready = !draining && checks.every(({ ok }) => ok);
  return (
    <Panel title="What a fax needs" aside={<span class="quiet">Sealfax {version}</span>}>
      {ready ? (
        <p>
          <Mark kind="good">Everything answers.</Mark>
        </p>
      ) : (
        <Notice kind="fault" title={draining ? 'This process is about to end.' : 'Something does not answer.'}>
          {draining
            ? 'It takes no new work; others of the cluster do.'
            : 'The line below says what; faxes wait until it does.'}
        </Notice>
      )}
      <Table
        caption="What was asked, and what it answered"
        quiet
        rows={checks}
        rowKey={({ name }) => name}
        columns={[
          { heading: 'Part', cell: ({ name }) => words(name) },
          {
            heading: 'State',
            cell: ({ ok }) => (ok ? <Mark kind="good">answers</Mark> : <Mark kind="bad">fails</Mark>),
          },
          { heading: 'Says', cell: ({ detail }) => detail },
        ]}
      />
    </Panel>
  );
}

function Findings({ host: { findings } }: { readonly host: HostState }) {
  return (
    <Panel title="Host report">
      <p class="quiet">
        How well the machine of this process forgets: what could write memory to a disk, who could look into it, and
        where keys lie.
      </p>
      <Table
        caption="What was found on the host, the gravest first"
        quiet
        rows={findings}
        rowKey={({ code, text }) => code + text}
        columns={[
          { heading: 'Finding', cell: ({ code }) => words(code) },
          {
            heading: 'State',
            cell: ({ level, accepted }) =>
              accepted ? <Mark kind="idle">accepted</Mark> : <Mark kind={LEVELS[level][0]}>{LEVELS[level][1]}</Mark>,
          },
          { heading: 'What is so, and what to do', cell: ({ text }) => text },
        ]}
      />
    </Panel>
  );
}

function Restore({ state, onConfirmed }: { readonly state: RestoreState; readonly onConfirmed: () => void }) {
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const confirm = async () => {
    const done = await act.run(async (admin) => {
      await admin.confirmRestore();
      return 'The gateway dials, answers and accepts again.';
    });
    setAsking(false);
    if (done) onConfirmed();
  };
  if (!state.held)
    return (
      <>
        <Outcome act={act} />
        <p>
          <Mark kind="good">Nothing waits.</Mark> After a restore the gateway would hold everything until somebody
          confirms here that the lost one is off.
        </p>
      </>
    );
  const { backup, takenAt, restoredAt, ended } = state;
  return (
    <>
      <Notice kind="warning" title="The gateway waits.">
        Make sure that the lost gateway calls nobody any more; then confirm.
      </Notice>
      <Facts
        of={[
          ['Backup', backup ?? '–'],
          ['Taken', <Time key="taken" at={takenAt} ago />],
          ['Restored', <Time key="restored" at={restoredAt} ago />],
          ['Ended as uncertain', count(ended?.uncertain)],
          ['Ended as failed', count(ended?.failed)],
          ['Ended as delivered', count(ended?.delivered)],
        ]}
      />
      <Outcome act={act} />
      <p class="actions">
        <Button kind="main" onPress={() => setAsking(true)}>
          Confirm and go on
        </Button>
      </p>
      {asking ? (
        <Confirm
          title="Is the lost gateway off?"
          verb="It is off: go on"
          danger
          busy={act.busy}
          onConfirm={() => void confirm()}
          onClose={() => setAsking(false)}
        >
          <p>Were both to run, faxes could be sent twice. This cannot be taken back.</p>
        </Confirm>
      ) : null}
    </>
  );
}
