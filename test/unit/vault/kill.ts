/** What a killed process's last call looks like from inside. */
export class Killed extends Error {}

/**
 * `port` dying at its `at`-th call (from 1), before or after the call takes effect; every later call dies too, as
 * nothing of a killed process goes on. `calls` counts, so that a test knows when it has tried every place.
 */
export function dyingPorts(at: number, when: 'before' | 'after') {
  const state = { calls: 0, dead: false };
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          if (state.dead) throw new Killed();
          state.calls++;
          const last = state.calls === at;
          if (last) state.dead = true;
          if (last && when === 'before') throw new Killed();
          const answer: unknown = await Reflect.apply(member, target, args);
          if (state.dead) throw new Killed();
          return answer;
        };
      },
    });
  return { wrap, state };
}

/** Runs `attempt` once for each place where it can be killed, both before and after the call there. */
export async function atEveryKill(attempt: (kill: ReturnType<typeof dyingPorts>) => Promise<void>): Promise<number> {
  let places = 0;
  for (const when of ['before', 'after'] as const) {
    for (let at = 1; ; at++) {
      const kill = dyingPorts(at, when);
      await attempt(kill);
      if (!kill.state.dead) break;
      places++;
    }
  }
  return places;
}
