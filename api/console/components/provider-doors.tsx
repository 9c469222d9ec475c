import { useEffect, useState } from 'preact/hooks';
import { type SignInDoor, signInDoors } from '../../client/browser.ts';
import { Button } from './button.tsx';

/** @see ProviderDoors */
export interface ProviderDoorsParts {
  readonly disabled: boolean;
  readonly onChoose: (door: SignInDoor) => void;
}

/** The identity providers of this gateway, one button each; nothing where there is none. */
export function ProviderDoors({ disabled, onChoose }: ProviderDoorsParts) {
  const doors = useDoors();
  if (doors.length === 0) return null;
  return (
    <section class="doors" aria-label="Identity providers">
      <p class="actions">
        {doors.map((door) => (
          <Button key={door.name} disabled={disabled || door.door === null} onPress={() => onChoose(door)}>
            Sign in with {door.title}
          </Button>
        ))}
      </p>
      {doors.some(({ door }) => door === null) ? (
        <p class="hint">An identity provider does not answer now. Load the page again in a moment.</p>
      ) : null}
    </section>
  );
}

/** The providers; none while they are not known. Whoever signs in by a password need not wait for them. */
export function useDoors(): readonly SignInDoor[] {
  const [doors, setDoors] = useState<readonly SignInDoor[]>([]);
  useEffect(() => {
    const gone = new AbortController();
    signInDoors(location.origin, gone.signal).then(setDoors, () => undefined);
    return () => gone.abort();
  }, []);
  return doors;
}
