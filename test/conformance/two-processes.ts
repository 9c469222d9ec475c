import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../postgres.ts';
import { createWorld, type World } from './fax-records-world.ts';

/** Starts two processes' records on one database with the suite around it, and ends them. Answers the world of process `index`, modulo 2. */
export function twoProcesses(): (index: number) => World {
  let postgres: TestPostgres;
  let processes: readonly Records[] = [];
  let worlds: readonly World[] = [];
  before(async () => {
    postgres = await startTestPostgres();
    processes = [0, 1].map(() => createRecords({ pool: postgres.pool(), log: silentLog }));
    await processes[0]?.migrate();
    worlds = processes.map(createWorld);
  });
  after(async () => {
    for (const records of processes) await records.close();
    await postgres.stop();
  });
  return (index) => {
    const world = worlds[index % worlds.length];
    assert.ok(world !== undefined);
    return world;
  };
}
