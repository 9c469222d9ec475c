import { testDatabases } from '../postgres.ts';
import { startRecords } from './fax-records-backend.ts';
import { learnedRecordsConformance } from './learned-records.ts';

for (const database of await testDatabases()) {
  learnedRecordsConformance(database.name, () => startRecords(database));
}
