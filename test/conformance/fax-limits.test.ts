import { testDatabases } from '../postgres.ts';
import { faxLimitsConformance } from './fax-limits.ts';
import { startRecords } from './fax-records-backend.ts';

for (const database of await testDatabases()) {
  faxLimitsConformance(database.name, () => startRecords(database));
}
