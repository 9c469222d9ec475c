import type { Alert } from '../../client/browser.ts';
import { placeOfAlert } from '../alerts.ts';

/** Things that wait for a person, each a link to where it is done; nothing without any. */
export function AlertNotes({ alerts, label }: { readonly alerts: readonly Alert[]; readonly label: string }) {
  return (
    <section class="alerts" aria-label={label} aria-live="polite">
      {alerts.map((alert) => (
        <p key={alert.title} class={`notice ${alert.level}`}>
          <span class="sign" aria-hidden="true">
            {alert.level === 'fault' ? '×' : '!'}
          </span>
          <span>
            <a href={placeOfAlert(alert)}>
              <strong>{alert.title}</strong>
            </a>{' '}
            {alert.advice}
          </span>
        </p>
      ))}
    </section>
  );
}
