import { useState } from 'preact/hooks';
import type { Admin, NoticeTopic, Notices as Settings } from '../../client/browser.ts';
import { Button, CheckField, Form, Loading, Notice, Outcome, Panel, TextField } from '../components/index.ts';
import { BOUND_TOPICS, TOPICS } from '../notice-topics.ts';
import { entriesOf } from '../policy-fields.ts';
import { useAct, useLoad, useSession } from '../session.tsx';

/** @see NoticeSettings */
export interface NoticeSettingsParts {
  readonly title: string;
  /** What is sent there anyway. */
  readonly always: string;
  /** What may be chosen besides. */
  readonly topics: readonly NoticeTopic[];
  /** They are shown and cannot be changed. */
  readonly fixed?: boolean;
  readonly read: (admin: Admin) => Promise<Settings>;
  readonly save: (admin: Admin, wish: Pick<Settings, 'addresses' | 'topics'>) => Promise<unknown>;
}

/** Where notices go by mail, and what of. */
export function NoticeSettings({ title, always, topics, fixed, read, save }: NoticeSettingsParts) {
  const found = useLoad(read, []);
  return (
    <Panel title={title}>
      <p class="quiet">{always}</p>
      <Loading from={found}>
        {(settings) => (
          <NoticeForm
            key={settings.addresses.join(' ')}
            settings={settings}
            topics={topics}
            fixed={fixed === true}
            save={save}
            onSaved={found.reload}
          />
        )}
      </Loading>
    </Panel>
  );
}

/** One's own notices, for the page about oneself. */
export function OwnNotices() {
  const { me } = useSession();
  return (
    <NoticeSettings
      title="Notices by mail"
      always="To these addresses you are told of log-ins from a new network, with a new device or after refused ones, and of every change of how you log in."
      topics={me.scope === null ? TOPICS.map(([topic]) => topic) : BOUND_TOPICS}
      read={(admin) => admin.mail.mine()}
      save={(admin, wish) => admin.mail.setMine(wish)}
    />
  );
}

function NoticeForm({
  settings,
  topics,
  fixed,
  save,
  onSaved,
}: Required<Pick<NoticeSettingsParts, 'topics' | 'fixed' | 'save'>> & {
  readonly settings: Settings;
  readonly onSaved: () => void;
}) {
  const [typed, setTyped] = useState(settings.addresses.join('\n'));
  const [chosen, setChosen] = useState<readonly NoticeTopic[]>(settings.topics);
  const act = useAct();
  const addresses = entriesOf(typed);
  const wrong = act.fault?.fields ?? {};
  const refused = Object.entries(wrong).find(([pointer]) => pointer.startsWith('/addresses'))?.[1];
  const toggle = (topic: NoticeTopic, on: boolean) =>
    setChosen(on ? [...chosen, topic] : chosen.filter((one) => one !== topic));
  const submit = async () => {
    const done = await act.run(async (admin) => {
      await save(admin, { addresses, topics: [...chosen] });
      return addresses.length === 0 ? 'No notices are sent any more.' : 'The addresses are told of the change.';
    });
    if (done) onSaved();
  };
  return (
    <Form label="Notices by mail" onSubmit={() => void submit()}>
      {settings.sends ? null : (
        <Notice title="This gateway sends no mails yet.">
          Its operator sets SEALFAX_SMTP_URL and SEALFAX_MAIL_FROM; what is chosen here counts from then on.
        </Notice>
      )}
      <TextField
        label="Mail addresses"
        hint="One a line, five at most; empty: none. Nobody asks the addresses whether they agree."
        value={typed}
        error={refused}
        onInput={setTyped}
        disabled={fixed}
        rows={2}
        mono
      />
      <fieldset class="several" disabled={fixed}>
        <legend>Tell them also of</legend>
        {TOPICS.filter(([topic]) => topics.includes(topic)).map(([topic, text]) => (
          <CheckField
            key={topic}
            label={text}
            checked={chosen.includes(topic)}
            disabled={fixed}
            onInput={(on) => toggle(topic, on)}
          />
        ))}
      </fieldset>
      <Outcome act={act} />
      {fixed ? null : (
        <p class="actions">
          <Button type="submit" busy={act.busy}>
            Save the notices
          </Button>
        </p>
      )}
    </Form>
  );
}
