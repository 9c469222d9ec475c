import { useState } from 'preact/hooks';
import type { Setting } from '../../client/browser.ts';
import {
  ButtonLink,
  CheckField,
  Empty,
  Form,
  Loading,
  Mark,
  PageHead,
  Panel,
  Table,
  TextField,
} from '../components/index.ts';
import { counted } from '../format.ts';
import { href } from '../router.ts';
import { useLoad } from '../session.tsx';

/** Where values come from, in words. */
const SOURCES: Readonly<Record<Setting['from'], string>> = {
  default: 'default',
  file: 'configuration file',
  environment: 'environment',
  command_line: 'command line',
};

/** What the process that answers is set to. Settings are changed on its host, and read when it starts. */
export function Settings() {
  const settings = useLoad((admin) => admin.settings(), []);
  const [wanted, setWanted] = useState('');
  const [given, setGiven] = useState(false);
  return (
    <>
      <PageHead title="Settings">
        <ButtonLink to={href('/host')}>Host report</ButtonLink>
      </PageHead>
      <Panel title="In force">
        <p class="quiet">
          Of the process that you met. A setting is changed in its environment or its configuration file, and read at
          the next start. Secrets are not shown, nor is what may hold one.
        </p>
        <Form label="Filter" inline onSubmit={() => undefined}>
          <TextField label="Name or purpose" type="search" value={wanted} onInput={setWanted} />
          <CheckField label="Only what somebody has set" checked={given} onInput={setGiven} />
        </Form>
        <Loading from={settings}>
          {(items) => <SettingTable settings={items.filter((one) => fits(one, wanted, given))} />}
        </Loading>
      </Panel>
    </>
  );
}

function fits({ variable, about, from }: Setting, wanted: string, given: boolean): boolean {
  if (given && from === 'default') return false;
  return `${variable} ${about}`.toLowerCase().includes(wanted.trim().toLowerCase());
}

function SettingTable({ settings }: { readonly settings: readonly Setting[] }) {
  return (
    <Table
      caption={counted(settings.length, 'setting')}
      rows={settings}
      rowKey={({ variable }) => variable}
      empty={<Empty title="No setting is like that" />}
      columns={[
        { heading: 'Variable', cell: ({ variable }) => <code>{variable}</code> },
        { heading: 'Value', cell: (setting) => <Value of={setting} /> },
        {
          heading: 'From',
          cell: ({ from }) =>
            from === 'default' ? <span class="quiet">default</span> : <strong>{SOURCES[from]}</strong>,
        },
        {
          heading: 'What it does',
          cell: ({ about }) => <span class="detail">{about.replaceAll('`', '')}</span>,
          wide: true,
        },
      ]}
    />
  );
}

function Value({ of: { value, hidden } }: { readonly of: Setting }) {
  if (hidden) return <Mark kind="idle">is set, not shown</Mark>;
  return value === '' ? <span class="quiet">none</span> : <span class="long">{value}</span>;
}
