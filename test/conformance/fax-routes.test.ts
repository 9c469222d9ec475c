import { testDatabases } from '../postgres.ts';
import { startRecords } from './fax-records-backend.ts';
import { faxRoutesConformance } from './fax-routes.ts';

for (const database of await testDatabases()) {
  faxRoutesConformance(database.name, () => startRecords(database));
}
